import { shorten } from './shorten.ts';

/** Names every column and no two alike: an empty one is called after its place, a second `x` becomes `x_2`. */
export function headerNames(fields: readonly string[]): string[] {
  const written = fields.map((field) => shorten(field.trim()));
  const reserved = new Set(written);
  const used = new Set<string>();
  const suffixes = new Map<string, number>();
  return written.map((name, index) => {
    if (name !== '' && !used.has(name)) {
      used.add(name);
      return name;
    }
    const base = name === '' ? 'column' : name;
    let suffix = name === '' ? index + 1 : (suffixes.get(base) ?? 2);
    while (reserved.has(`${base}_${suffix}`) || used.has(`${base}_${suffix}`)) suffix++;
    suffixes.set(base, suffix + 1);
    const unique = `${base}_${suffix}`;
    used.add(unique);
    return unique;
  });
}
