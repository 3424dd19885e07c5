import { invalidOption } from '../errors/invalid-option.ts';

const FIRST_CAPACITY = 16;
/** An emptied heap larger than this gives its memory back. */
const KEPT_CAPACITY = 1024;

interface Ticket {
  readonly owner: object;
  readonly slot: number;
  readonly arrival: number;
}

function checkPriority(priority: number): void {
  if (typeof priority !== 'number' || Number.isNaN(priority)) throw invalidOption('priority', 'a number', priority);
}

/**
 * A 4-ary heap ordered by (priority, arrival), on flat arrays: the four children of a place lie in one cache line, and a
 * move writes no object. Values stay in a slot for as long as they are in the heap; only slot numbers move.
 */
export class RankedHeap<T> {
  #size = 0;
  #arrivals = 0;
  /** Priority and arrival of each place, side by side. */
  #keys = new Float64Array(2 * FIRST_CAPACITY);
  /** Slot at each place; from `size` on, the free slots. */
  #slots = new Int32Array(0);
  /** Place of each slot in use. */
  #places = new Int32Array(0);
  #values: (T | undefined)[] = [];

  constructor() {
    this.#resize(FIRST_CAPACITY);
  }

  get size(): number {
    return this.#size;
  }

  push(value: T, priority = 0): object {
    checkPriority(priority);
    if (this.#size === this.#slots.length) this.#resize(2 * this.#size);
    const place = this.#size++;
    const slot = this.#slots[place] as number;
    const arrival = this.#arrivals++;
    this.#values[slot] = value;
    this.#rise(place, slot, priority, arrival);
    const ticket: Ticket = { owner: this, slot, arrival };
    return ticket;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#values[this.#slots[0] as number];
  }

  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    const value = this.#values[this.#slots[0] as number];
    this.#takeOut(0);
    return value;
  }

  update(handle: object, priority = 0): boolean {
    checkPriority(priority);
    const place = this.#placeOf(handle as Ticket);
    if (place < 0) return false;
    const slot = this.#slots[place] as number;
    const arrival = this.#keys[2 * place + 1] as number;
    this.#rise(this.#sink(place), slot, priority, arrival);
    return true;
  }

  remove(handle: object): boolean {
    const place = this.#placeOf(handle as Ticket);
    if (place < 0) return false;
    this.#takeOut(place);
    return true;
  }

  clear(): void {
    this.#size = 0;
    this.#values = [];
    if (this.#slots.length > KEPT_CAPACITY) this.#resize(FIRST_CAPACITY);
  }

  /** An arrival number is given once, so a place that shows it is the ticket's own. */
  #placeOf({ owner, slot, arrival }: Ticket): number {
    if (owner !== this) return -1;
    const place = this.#places[slot] ?? this.#size;
    return place < this.#size && this.#keys[2 * place + 1] === arrival ? place : -1;
  }

  #takeOut(place: number): void {
    const slots = this.#slots;
    const keys = this.#keys;
    const slot = slots[place] as number;
    const last = --this.#size;
    this.#values[slot] = undefined;
    if (last === 0) {
      this.clear();
      return;
    }
    const moved = slots[last] as number;
    slots[last] = slot;
    if (place === last) return;
    const priority = keys[2 * last] as number;
    const arrival = keys[2 * last + 1] as number;
    this.#rise(this.#sink(place), moved, priority, arrival);
  }

  /** Moves the gap at `place` down to a leaf, always pulling the first child up, and returns where it ended. */
  #sink(place: number): number {
    const keys = this.#keys;
    const slots = this.#slots;
    const places = this.#places;
    const size = this.#size;
    let gap = place;
    for (let child = 4 * gap + 1; child < size; child = 4 * gap + 1) {
      let first = child;
      let firstKey = keys[2 * child] as number;
      const end = Math.min(child + 4, size);
      for (let other = child + 1; other < end; other++) {
        const key = keys[2 * other] as number;
        if (key > firstKey) continue;
        if (key === firstKey && (keys[2 * other + 1] as number) > (keys[2 * first + 1] as number)) continue;
        first = other;
        firstKey = key;
      }
      const slot = slots[first] as number;
      keys[2 * gap] = firstKey;
      keys[2 * gap + 1] = keys[2 * first + 1] as number;
      slots[gap] = slot;
      places[slot] = gap;
      gap = first;
    }
    return gap;
  }

  /** Puts an entry into the gap at `place`, or as far above as it belongs. */
  #rise(place: number, slot: number, priority: number, arrival: number): void {
    const keys = this.#keys;
    const slots = this.#slots;
    const places = this.#places;
    let gap = place;
    while (gap > 0) {
      const parent = (gap - 1) >> 2;
      const key = keys[2 * parent] as number;
      if (key < priority || (key === priority && (keys[2 * parent + 1] as number) < arrival)) break;
      const moved = slots[parent] as number;
      keys[2 * gap] = key;
      keys[2 * gap + 1] = keys[2 * parent + 1] as number;
      slots[gap] = moved;
      places[moved] = gap;
      gap = parent;
    }
    keys[2 * gap] = priority;
    keys[2 * gap + 1] = arrival;
    slots[gap] = slot;
    places[slot] = gap;
  }

  #resize(capacity: number): void {
    const keys = new Float64Array(2 * capacity);
    const slots = new Int32Array(capacity);
    const places = new Int32Array(capacity);
    const kept = this.#size;
    keys.set(this.#keys.subarray(0, 2 * kept));
    slots.set(this.#slots.subarray(0, kept));
    places.set(this.#places.subarray(0, kept));
    for (let slot = kept; slot < capacity; slot++) slots[slot] = slot;
    this.#keys = keys;
    this.#slots = slots;
    this.#places = places;
  }
}
