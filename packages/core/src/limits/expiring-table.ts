/** A record that is as good as none from `expiresAt` on. */
export interface Expiring {
  expiresAt: number;
}

/** Looked at per new record, more than are added: what has expired leaves without a timer or a scan of all. */
const SWEEP_STEPS = 4;

/** Records by key that leave when their time is over: no timer, and no step that looks at all of them but `sweepAll`. */
export class ExpiringTable<R extends Expiring> {
  readonly #records = new Map<string, R>();
  #cursor = this.#records.entries();

  get size(): number {
    return this.#records.size;
  }

  /** The record as it was set, expired or not. */
  get(key: string): R | undefined {
    return this.#records.get(key);
  }

  set(key: string, record: R): void {
    this.#records.set(key, record);
  }

  delete(key: string): boolean {
    return this.#records.delete(key);
  }

  /** Removes what has expired of the next few records. */
  sweep(now: number, steps: number = SWEEP_STEPS): void {
    for (let step = 0; step < steps; step++) {
      const entry = this.#next();
      if (entry === undefined) return;
      if (entry[1].expiresAt <= now) this.#records.delete(entry[0]);
    }
  }

  /** Removes all that has expired, and answers when the next one will. */
  sweepAll(now: number): number {
    let earliest = Infinity;
    for (const [key, { expiresAt }] of this.#records) {
      if (expiresAt <= now) this.#records.delete(key);
      else earliest = Math.min(earliest, expiresAt);
    }
    return earliest;
  }

  /** Removes that one of the next few records whose time is over first. */
  dropSoonest(steps: number): void {
    let soonest: [string, R] | undefined;
    for (let step = 0; step < steps; step++) {
      const entry = this.#next() ?? this.#next();
      if (entry !== undefined && (soonest === undefined || entry[1].expiresAt < soonest[1].expiresAt)) soonest = entry;
    }
    if (soonest !== undefined) this.#records.delete(soonest[0]);
  }

  /** The next record; at the end nothing once, and then the first. */
  #next(): [string, R] | undefined {
    const next = this.#cursor.next();
    if (next.done !== true) return next.value;
    this.#cursor = this.#records.entries();
    return undefined;
  }
}
