import { type ColumnBudget } from './analysis-limits.ts';
import { type Cell, type CellKind } from './cell.ts';
import { type ColumnReport, type ColumnType } from './csv-report.ts';
import { Extent } from './extent.ts';
import { histogramOf } from './histogram.ts';
import { formatIsoDate } from './iso-date.ts';
import { Moments } from './moments.ts';
import { quantilesOf } from './quantiles.ts';
import { Reservoir } from './reservoir.ts';
import { shorten } from './shorten.ts';
import { ValueCounts } from './value-counts.ts';

type Figures = Pick<ColumnReport, 'min' | 'max' | 'mean' | 'standardDeviation' | 'quantiles' | 'histogram' | 'approximate'>;

const NO_FIGURES: Figures = {
  min: null,
  max: null,
  mean: null,
  standardDeviation: null,
  quantiles: null,
  histogram: null,
  approximate: false,
};

function isBlank(text: string): boolean {
  if (text.length === 0) return true;
  const first = text.charCodeAt(0);
  // Trimming every cell would cost more than all the rest of this; what opens with visible ASCII is not blank.
  return (first <= 0x20 || first > 0x7e) && text.trim() === '';
}

/** Gathers what every type that the column may still turn out to have needs, so that one pass is enough. */
export class ColumnAccumulator {
  readonly #name: string;
  readonly #random: () => number;
  readonly #budget: ColumnBudget;
  readonly #values: ValueCounts;
  readonly #kinds: Record<CellKind, number> = { boolean: 0, integer: 0, number: 0, date: 0, datetime: 0, text: 0, unsafe: 0, marker: 0 };
  readonly #texts = new Extent<string>();
  /** Numbers or dates; a column that holds both is text. */
  readonly #numbers = new Extent<number>();
  readonly #moments = new Moments();
  #sample: Reservoir | undefined;
  #missing = 0;

  constructor(name: string, budget: ColumnBudget, random: () => number) {
    this.#name = name;
    this.#budget = budget;
    this.#random = random;
    this.#values = new ValueCounts(budget.distinctValues, budget.distinctCharacters);
  }

  /** Takes the column's cell of the next row. */
  add(text: string): void {
    if (isBlank(text)) {
      this.#missing++;
      return;
    }
    const cell = this.#values.add(text);
    this.#kinds[cell.kind]++;
    if (cell.count === 1) this.#texts.add(shorten(text));
    if (cell.kind === 'integer' || cell.kind === 'number') this.#addNumber(cell);
    else if (cell.kind === 'date' || cell.kind === 'datetime') this.#numbers.add(cell.value);
  }

  /** The figures; nothing may be added afterwards. */
  report(): ColumnReport {
    const type = this.#type();
    const isText = type === 'string';
    const { boolean, integer, number, date, datetime, text, unsafe, marker } = this.#kinds;
    const count = boolean + integer + number + date + datetime + text + unsafe + (isText ? marker : 0);
    const { distinct, top } = this.#values.summary(isText);
    return {
      name: this.#name,
      type,
      count,
      missing: this.#missing + (isText ? 0 : marker),
      distinct,
      distinctExact: this.#values.exact,
      ...this.#figures(type),
      top,
      kinds: { boolean, integer, number, date: date + datetime, text, unsafe, marker },
    };
  }

  #addNumber(cell: Cell): void {
    this.#numbers.add(cell.value);
    this.#moments.add(cell.value);
    this.#sample ??= new Reservoir(this.#budget.sampleValues, this.#random);
    this.#sample.add(cell.value);
  }

  #type(): ColumnType {
    const { boolean, integer, number, date, datetime, text, unsafe, marker } = this.#kinds;
    const families = [boolean, integer + number, date + datetime, text + unsafe].filter((cells) => cells > 0).length;
    if (families === 0) return marker > 0 ? 'string' : 'empty';
    if (families > 1 || text + unsafe > 0) return 'string';
    if (boolean > 0) return 'boolean';
    if (date + datetime > 0) return 'date';
    return number > 0 ? 'number' : 'integer';
  }

  #figures(type: ColumnType): Figures {
    switch (type) {
      case 'empty':
      case 'boolean':
        return NO_FIGURES;
      case 'string':
        return { ...NO_FIGURES, min: this.#texts.min, max: this.#texts.max };
      case 'date':
        return { ...NO_FIGURES, min: this.#date(this.#numbers.min), max: this.#date(this.#numbers.max) };
      case 'integer':
      case 'number':
        return this.#numericFigures(type === 'integer');
    }
  }

  #date(ms: number | null): string | null {
    return ms === null ? null : formatIsoDate(ms, this.#kinds.datetime > 0);
  }

  #numericFigures(integers: boolean): Figures {
    const sorted = this.#sample?.sorted() ?? new Float64Array();
    return {
      min: this.#numbers.min,
      max: this.#numbers.max,
      mean: this.#moments.mean,
      standardDeviation: this.#moments.standardDeviation,
      quantiles: quantilesOf(sorted),
      histogram: histogramOf(sorted, integers),
      approximate: this.#sample?.complete === false,
    };
  }
}
