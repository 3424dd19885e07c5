/** A text that is written as a number. */
export interface ParsedNumber {
  /** `unsafe` where a double would hold something else. */
  readonly kind: 'integer' | 'number' | 'unsafe';
  readonly value: number;
}

const INTEGER = /^[+-]?(?:0|[1-9]\d*)$/;
const DECIMAL = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const ZERO = /^[+-]?[0.]*(?:[eE]|$)/;

/** Reads a decimal number; leading zeros as in 00501 make an identifier of it, not a number. */
export function parseNumber(text: string): ParsedNumber | undefined {
  if (INTEGER.test(text)) {
    // Adding zero turns -0 into 0.
    const value = Number(text) + 0;
    return { kind: Number.isSafeInteger(value) ? 'integer' : 'unsafe', value };
  }
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text) + 0;
  const safe = Number.isFinite(value) && (value !== 0 || ZERO.test(text));
  return { kind: safe ? 'number' : 'unsafe', value };
}
