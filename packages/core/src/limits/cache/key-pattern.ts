/**
 * Tells whether a key matches a pattern in which `*` stands for any text and all else for itself. The time it takes is
 * bounded by the product of both lengths, whatever the pattern: no regular expression is made of it.
 */
export function keyMatcher(pattern: string): (key: string) => boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return (key) => key === pattern;
  return (key) => {
    if (key.length < start.length + end.length || !key.startsWith(start) || !key.endsWith(end)) return false;
    const last = key.length - end.length;
    let from = start.length;
    for (const part of rest) {
      const found = key.indexOf(part, from);
      if (found < 0 || found + part.length > last) return false;
      from = found + part.length;
    }
    return true;
  };
}
