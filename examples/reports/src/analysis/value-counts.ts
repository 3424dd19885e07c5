import { createHash } from 'node:crypto';
import { readCell, type Cell } from './cell.ts';
import { type TopValue } from './csv-report.ts';
import { SHOWN_CHARACTERS, shorten } from './shorten.ts';

const TOP_VALUES = 10;

/** Long texts are told apart by a digest, so that none is kept whole. */
function keyOf(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return shorten(text) + createHash('sha256').update(text).digest('base64');
}

function shownOf(key: string): string {
  return key.length <= SHOWN_CHARACTERS ? key : key.slice(0, key.indexOf('…', SHOWN_CHARACTERS - 1) + 1);
}

function before(a: TopValue, b: TopValue): boolean {
  return a.count === b.count ? a.value < b.value : a.count > b.count;
}

/** Counts the different texts of a column, up to a bound; those met before it are counted exactly for ever. */
export class ValueCounts {
  readonly #cells = new Map<string, Cell>();
  readonly #maxValues: number;
  #charactersLeft: number;
  #exact = true;

  constructor(maxValues: number, maxCharacters: number) {
    this.#maxValues = maxValues;
    this.#charactersLeft = maxCharacters;
  }

  /** Whether no text had to be left out. */
  get exact(): boolean {
    return this.#exact;
  }

  /** Counts a text and returns how it is understood: once per different text while there is room. */
  add(text: string): Cell {
    const key = keyOf(text);
    const known = this.#cells.get(key);
    if (known !== undefined) {
      known.count++;
      return known;
    }
    const cell = readCell(text);
    if (this.#cells.size < this.#maxValues && key.length <= this.#charactersLeft) {
      this.#cells.set(key, cell);
      this.#charactersLeft -= key.length;
    } else {
      this.#exact = false;
    }
    return cell;
  }

  /** How many different texts are known, and the most frequent ones. */
  summary(withMarkers: boolean): { distinct: number; top: TopValue[] } {
    const top: TopValue[] = [];
    let distinct = 0;
    for (const [key, cell] of this.#cells) {
      if (cell.kind === 'marker' && !withMarkers) continue;
      distinct++;
      insert(top, { value: key, count: cell.count });
    }
    return { distinct, top: top.map(({ value, count }) => ({ value: shownOf(value), count })) };
  }
}

/** Keeps the best ten in order. */
function insert(top: TopValue[], value: TopValue): void {
  const last = top[TOP_VALUES - 1];
  if (last !== undefined && !before(value, last)) return;
  const place = top.findIndex((other) => before(value, other));
  top.splice(place < 0 ? top.length : place, 0, value);
  top.length = Math.min(top.length, TOP_VALUES);
}
