/** The smallest and the largest of what it was given, by `<`: numbers by size, text by code unit. */
export class Extent<T extends number | string> {
  min: T | null = null;
  max: T | null = null;

  add(value: T): void {
    if (this.min === null || value < this.min) this.min = value;
    if (this.max === null || value > this.max) this.max = value;
  }
}
