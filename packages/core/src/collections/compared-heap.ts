interface Entry<T> {
  readonly owner: object;
  readonly value: T;
  readonly arrival: number;
  /** -1 once it has left. */
  place: number;
}

/** A 4-ary heap ordered by a comparison of the values, then by arrival. */
export class ComparedHeap<T> {
  readonly #compare: (a: T, b: T) => number;
  #arrivals = 0;
  #entries: Entry<T>[] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(value: T): object {
    const entry: Entry<T> = { owner: this, value, arrival: this.#arrivals++, place: this.#entries.length };
    this.#entries.push(entry);
    this.#rise(entry);
    return entry;
  }

  peek(): T | undefined {
    return this.#entries[0]?.value;
  }

  pop(): T | undefined {
    const first = this.#entries[0];
    if (first === undefined) return undefined;
    this.#takeOut(first);
    return first.value;
  }

  update(handle: object): boolean {
    const entry = handle as Entry<T>;
    if (entry.owner !== this || entry.place < 0) return false;
    this.#sink(entry);
    this.#rise(entry);
    return true;
  }

  remove(handle: object): boolean {
    const entry = handle as Entry<T>;
    if (entry.owner !== this || entry.place < 0) return false;
    this.#takeOut(entry);
    return true;
  }

  clear(): void {
    for (const entry of this.#entries) entry.place = -1;
    this.#entries = [];
  }

  #takeOut(entry: Entry<T>): void {
    const last = this.#entries.pop() as Entry<T>;
    const { place } = entry;
    entry.place = -1;
    if (last === entry) return;
    this.#put(last, place);
    this.#sink(last);
    this.#rise(last);
  }

  #put(entry: Entry<T>, place: number): void {
    entry.place = place;
    this.#entries[place] = entry;
  }

  #isBefore(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.value, b.value);
    return order < 0 || (order === 0 && a.arrival < b.arrival);
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const first = this.#firstChild(entry.place);
      if (first === undefined || this.#isBefore(entry, first)) return;
      const { place } = first;
      this.#put(first, entry.place);
      this.#put(entry, place);
    }
  }

  #firstChild(place: number): Entry<T> | undefined {
    const child = 4 * place + 1;
    let first = this.#entries[child];
    if (first === undefined) return undefined;
    const end = Math.min(child + 4, this.#entries.length);
    for (let other = child + 1; other < end; other++) {
      const candidate = this.#entries[other] as Entry<T>;
      if (this.#isBefore(candidate, first)) first = candidate;
    }
    return first;
  }

  #rise(entry: Entry<T>): void {
    while (entry.place > 0) {
      const parent = this.#entries[(entry.place - 1) >> 2] as Entry<T>;
      if (this.#isBefore(parent, entry)) return;
      const { place } = parent;
      this.#put(parent, entry.place);
      this.#put(entry, place);
    }
  }
}
