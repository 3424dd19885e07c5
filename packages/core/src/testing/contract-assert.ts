/** Thrown by a contract case when a store breaks the guarantee. */
class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
}

function show(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : ((JSON.stringify(value) as string | undefined) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

/** Checks that two pieces of plain data are the same, deeply; `what` names them in the error. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isEqual(actual, expected)) throw new ContractViolation(`${what}: expected ${show(expected)}, received ${show(actual)}`);
}

/** Checks that `condition` holds; `what` says what should be the case. */
export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ContractViolation(`expected ${what}`);
}
