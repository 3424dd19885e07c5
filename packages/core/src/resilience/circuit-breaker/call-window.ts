import type { Clock } from '../../time/clock.ts';
import type { WindowBucket, WindowSnapshot } from './circuit-breaker-types.ts';

/** How the latest calls ended, counted. The counts are right after each {@link CallWindow.record}. */
export interface CallWindow {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  record(failed: boolean, slow: boolean): void;
  clear(): void;
  save(): WindowSnapshot;
  /** Takes over what fits its kind. */
  restore(snapshot: WindowSnapshot): void;
}

const FAILED = 1;
const SLOW = 2;

/** The last `size` calls. */
export class CountWindow implements CallWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #flags: Uint8Array;
  #next = 0;

  constructor(size: number) {
    this.#flags = new Uint8Array(size);
  }

  record(failed: boolean, slow: boolean): void {
    this.#push((failed ? FAILED : 0) | (slow ? SLOW : 0));
  }

  clear(): void {
    this.calls = this.failures = this.slow = this.#next = 0;
  }

  save(): WindowSnapshot {
    const flags = [...this.#flags.subarray(0, this.calls)];
    const oldest = this.calls < this.#flags.length ? 0 : this.#next;
    return { calls: [...flags.slice(oldest), ...flags.slice(0, oldest)].join('') };
  }

  restore({ calls = '' }: WindowSnapshot): void {
    for (const digit of calls) this.#push(Number(digit));
  }

  #push(flags: number): void {
    const size = this.#flags.length;
    if (this.calls < size) this.calls++;
    else this.#add(this.#flags[this.#next] ?? 0, -1);
    this.#flags[this.#next] = flags;
    this.#add(flags, 1);
    this.#next = (this.#next + 1) % size;
  }

  #add(flags: number, count: 1 | -1): void {
    if ((flags & FAILED) !== 0) this.failures += count;
    if ((flags & SLOW) !== 0) this.slow += count;
  }
}

const BUCKETS = 10;

interface Bucket {
  calls: number;
  failures: number;
  slow: number;
}

/** The calls of the last `windowMs`, in tenths: a tenth leaves as a whole, when it has wholly passed out of the window. */
export class TimeWindow implements CallWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  readonly #clock: Clock;
  readonly #bucketMs: number;
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({ calls: 0, failures: 0, slow: 0 }));
  /** Which tenth since the start of the monotonic clock was written last. */
  #latest = -Infinity;

  constructor(windowMs: number, clock: Clock) {
    this.#clock = clock;
    this.#bucketMs = windowMs / BUCKETS;
  }

  record(failed: boolean, slow: boolean): void {
    this.#moveTo(this.#indexAt(this.#clock.monotonic()));
    const bucket = this.#bucket(this.#latest);
    this.calls++;
    bucket.calls++;
    if (failed) {
      this.failures++;
      bucket.failures++;
    }
    if (slow) {
      this.slow++;
      bucket.slow++;
    }
  }

  clear(): void {
    this.calls = this.failures = this.slow = 0;
    for (const bucket of this.#buckets) bucket.calls = bucket.failures = bucket.slow = 0;
  }

  save(): WindowSnapshot {
    const wallStart = this.#clock.now() - this.#clock.monotonic();
    this.#moveTo(this.#indexAt(this.#clock.monotonic()));
    const buckets: WindowBucket[] = [];
    for (let index = this.#latest - BUCKETS + 1; index <= this.#latest; index++) {
      const { calls, failures, slow } = this.#bucket(index);
      if (calls > 0) buckets.push([wallStart + index * this.#bucketMs, calls, failures, slow]);
    }
    return { buckets };
  }

  restore({ buckets = [] }: WindowSnapshot): void {
    const wallStart = this.#clock.now() - this.#clock.monotonic();
    const now = this.#indexAt(this.#clock.monotonic());
    this.#moveTo(now);
    for (const [beganAt, calls, failures, slow] of buckets) {
      // A wall clock that was set back may put it in the future.
      const index = Math.min(now, this.#indexAt(beganAt - wallStart));
      if (index > now - BUCKETS) this.#add(index, { calls, failures, slow });
    }
  }

  #indexAt(monotonicMs: number): number {
    return Math.floor(monotonicMs / this.#bucketMs);
  }

  #bucket(index: number): Bucket {
    return this.#buckets[((index % BUCKETS) + BUCKETS) % BUCKETS] as Bucket;
  }

  #add(index: number, { calls, failures, slow }: Bucket): void {
    this.#moveTo(index);
    const bucket = this.#bucket(index);
    bucket.calls += calls;
    bucket.failures += failures;
    bucket.slow += slow;
    this.calls += calls;
    this.failures += failures;
    this.slow += slow;
  }

  /** Empties every tenth that has passed out of the window since the last call, however long ago that was. */
  #moveTo(index: number): void {
    if (index <= this.#latest) return;
    if (index - this.#latest >= BUCKETS) this.clear();
    else for (let old = this.#latest + 1; old <= index; old++) this.#empty(this.#bucket(old));
    this.#latest = index;
  }

  #empty(bucket: Bucket): void {
    this.calls -= bucket.calls;
    this.failures -= bucket.failures;
    this.slow -= bucket.slow;
    bucket.calls = bucket.failures = bucket.slow = 0;
  }
}
