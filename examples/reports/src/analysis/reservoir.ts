const INITIAL_CAPACITY = 256;

/**
 * All values up to `capacity`, beyond it a uniform random sample of that size.
 * Source: algorithm L of Li (1994), which draws random numbers for the values it takes only.
 */
export class Reservoir {
  readonly #capacity: number;
  readonly #random: () => number;
  #values = new Float64Array(INITIAL_CAPACITY);
  #seen = 0;
  /** The number of the next value that is taken. */
  #next = 0;
  #weight = 1;

  constructor(capacity: number, random: () => number) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** Whether every value is still here. */
  get complete(): boolean {
    return this.#seen <= this.#capacity;
  }

  add(value: number): void {
    const index = this.#seen++;
    if (index < this.#capacity) {
      if (index === this.#values.length) this.#grow();
      this.#values[index] = value;
      return;
    }
    if (index === this.#capacity) this.#skip(index - 1);
    if (index < this.#next) return;
    this.#values[Math.floor(this.#random() * this.#capacity)] = value;
    this.#skip(index);
  }

  /** The values in ascending order; nothing may be added afterwards. */
  sorted(): Float64Array {
    return this.#values.subarray(0, Math.min(this.#seen, this.#capacity)).sort();
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(this.#capacity, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }

  #skip(from: number): void {
    // 1 - random() is never zero, whose logarithm is infinite.
    this.#weight *= Math.exp(Math.log(1 - this.#random()) / this.#capacity);
    this.#next = from + 1 + Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#weight));
  }
}
