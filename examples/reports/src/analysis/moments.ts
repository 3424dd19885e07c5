/** Mean and standard deviation in one pass; source: Welford (1962). */
export class Moments {
  count = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.count++;
    const delta = value - this.#mean;
    // The difference of two huge values of opposite sign overflows; their shares don't.
    this.#mean += Number.isFinite(delta) ? delta / this.count : value / this.count - this.#mean / this.count;
    this.#squares += delta * (value - this.#mean);
  }

  get mean(): number | null {
    return this.count === 0 ? null : finiteOrNull(this.#mean);
  }

  /** Of a sample: divided by n − 1. */
  get standardDeviation(): number | null {
    return this.count < 2 ? null : finiteOrNull(Math.sqrt(Math.max(0, this.#squares) / (this.count - 1)));
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
