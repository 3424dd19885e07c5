import { parseIsoDate } from './iso-date.ts';
import { parseNumber } from './parse-number.ts';

/** What a cell looks like on its own; a column's type follows from all of its cells. */
export type CellKind = 'boolean' | 'integer' | 'number' | 'date' | 'datetime' | 'text' | 'unsafe' | 'marker';

/** A text as it was understood: `value` is the number, or the date in milliseconds since 1970. */
export interface Cell {
  readonly kind: CellKind;
  readonly value: number;
  /** How often the text was met. */
  count: number;
}

const MARKERS: ReadonlySet<string> = new Set(['NA', 'N/A', 'NaN', 'null', 'NULL']);
const BOOLEANS: ReadonlySet<string> = new Set(['true', 'false', 'True', 'False', 'TRUE', 'FALSE']);
const LONGEST_TYPED_CELL = 64;

/** Understands a text; spaces around numbers, dates and booleans are ignored. */
export function readCell(text: string): Cell {
  if (text.length > LONGEST_TYPED_CELL) return cell('text', 0);
  const trimmed = text.trim();
  const first = trimmed.charCodeAt(0);
  // A digit, sign or point opens every number and date, a letter every other word that means something.
  if (first > 0x39) return cell(BOOLEANS.has(trimmed) ? 'boolean' : MARKERS.has(trimmed) ? 'marker' : 'text', 0);
  const number = parseNumber(trimmed);
  if (number !== undefined) return cell(number.kind, number.value);
  const date = parseIsoDate(trimmed);
  if (date !== undefined) return cell(trimmed.length === 10 ? 'date' : 'datetime', date);
  return cell('text', 0);
}

function cell(kind: CellKind, value: number): Cell {
  return { kind, value, count: 1 };
}
