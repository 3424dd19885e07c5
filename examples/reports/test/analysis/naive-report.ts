/** The same figures as the analysis, from whole arrays and by the plainest means. */
export interface NaiveColumn {
  readonly name: string;
  readonly type: string;
  readonly count: number;
  readonly missing: number;
  readonly distinct: number;
  readonly min: number | string | null;
  readonly max: number | string | null;
  readonly numbers: readonly number[];
  readonly top: readonly { value: string; count: number }[];
}

const MARKERS = ['NA', 'N/A', 'NaN', 'null', 'NULL'];

function isInteger(text: string): boolean {
  if (!/^[+-]?[0-9]+$/.test(text) || /^[+-]?0[0-9]/.test(text)) return false;
  const value = BigInt(text.replace('+', ''));
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}

function isNumber(text: string): boolean {
  if (isInteger(text)) return true;
  if (/[^0-9eE.+-]/.test(text) || /^[+-]?0[0-9]/.test(text) || /^[+-]?[0-9]+$/.test(text)) return false;
  const value = Number(text);
  const mantissa = text.split(/e/i)[0] ?? '';
  return Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(mantissa));
}

function dateOf(text: string): number | undefined {
  const day = text.slice(0, 10);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$/.test(text)) return undefined;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  if (text.length === 10) return midnight;
  const ms = Date.parse(text.replace(' ', 'T') + (/(Z|[+-][0-9]{2}:[0-9]{2})$/.test(text.slice(10)) ? '' : 'Z'));
  return Number.isNaN(ms) ? undefined : ms;
}

function typeOf(values: readonly string[], markers: number): string {
  const all = (test: (text: string) => boolean): boolean => values.every((text) => test(text.trim()));
  if (values.length === 0) return markers > 0 ? 'string' : 'empty';
  if (all((text) => ['true', 'false'].includes(text.toLowerCase()) && /^(.[a-z]*|[A-Z]*)$/.test(text))) return 'boolean';
  if (all(isInteger)) return 'integer';
  if (all(isNumber)) return 'number';
  return all((text) => dateOf(text) !== undefined) ? 'date' : 'string';
}

function extent<T extends number | string>(values: readonly T[]): [T | null, T | null] {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return [sorted[0] ?? null, sorted.at(-1) ?? null];
}

function extentOf(type: string, texts: readonly string[], numbers: readonly number[]): [number | string | null, number | string | null] {
  if (type === 'integer' || type === 'number') return extent(numbers);
  if (type === 'boolean') return [null, null];
  if (type !== 'date') return extent(texts);
  const dayOnly = texts.every((text) => text.trim().length === 10);
  const [min, max] = extent(texts.map((text) => dateOf(text.trim()) ?? NaN));
  const show = (ms: number | null): string => new Date(ms ?? NaN).toISOString().slice(0, dayOnly ? 10 : undefined);
  return [show(min), show(max)];
}

/** The figures of one column. */
export function naiveColumn(name: string, cells: readonly string[]): NaiveColumn {
  const given = cells.filter((cell) => cell.trim() !== '');
  const plain = given.filter((cell) => !MARKERS.includes(cell.trim()));
  const type = typeOf(plain, given.length - plain.length);
  const texts = type === 'string' ? given : plain;
  const numbers = type === 'integer' || type === 'number' ? texts.map((text) => Number(text) + 0) : [];
  const [min, max] = extentOf(type, texts, numbers);
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const top = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return { name, type, count: texts.length, missing: cells.length - texts.length, distinct: new Set(texts).size, min, max, numbers, top: top.slice(0, 10) };
}

/** Of a sample, in two passes. */
export function naiveDeviation(values: readonly number[]): number {
  const mean = naiveMean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

export function naiveMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** Type 7: the place (n − 1)p between the sorted values. */
export function naiveQuantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low * (1 - (place % 1)) + high * (place % 1);
}
