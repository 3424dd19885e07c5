/** A timer of a virtual clock: due on the monotonic axis; `order` breaks ties by creation. */
export interface HeapTimer {
  due: number;
  readonly order: number;
  /** Place in the heap, kept by it; -1 outside. */
  index: number;
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** A binary heap that knows where each timer stands, so that dropping one leaves nothing behind. */
export class TimerHeap<T extends HeapTimer> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  all(): readonly T[] {
    return this.#items;
  }

  add(timer: T): void {
    this.#items.push(timer);
    this.#rise(timer, this.#items.length - 1);
  }

  /** Answers `false` for a timer that is not in the heap. */
  remove(timer: T): boolean {
    const { index } = timer;
    if (index < 0 || this.#items[index] !== timer) return false;
    const last = this.#items.pop();
    timer.index = -1;
    if (last !== undefined && last !== timer) {
      this.#sink(last, index);
      this.#rise(last, last.index);
    }
    return true;
  }

  #place(timer: T, index: number): void {
    this.#items[index] = timer;
    timer.index = index;
  }

  #rise(timer: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#items[parentIndex];
      if (parent === undefined || !before(timer, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(timer, index);
  }

  #sink(timer: T, from: number): void {
    let index = from;
    for (let child = this.#lesserChild(index); child !== undefined && before(child, timer); child = this.#lesserChild(index)) {
      const next = child.index;
      this.#place(child, index);
      index = next;
    }
    this.#place(timer, index);
  }

  #lesserChild(index: number): T | undefined {
    const left = this.#items[2 * index + 1];
    const right = this.#items[2 * index + 2];
    return left !== undefined && right !== undefined && before(right, left) ? right : left;
  }
}
