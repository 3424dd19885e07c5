import { TunicError } from '../../errors/tunic-error.ts';
import { abortable } from '../../internal/abortable.ts';
import type { Clock } from '../../time/clock.ts';
import { Deadline } from '../deadline.ts';
import { KeyLines } from '../key-lines.ts';
import type { RateLimitResult, RateLimitRule, RateLimitStore } from './rate-limit-store.ts';

/** What {@link PatientConsumer} works with. */
export interface PatientConsumerOptions {
  readonly store: RateLimitStore;
  readonly clock: Clock;
  readonly rule: RateLimitRule;
}

/** A wait for room. */
export interface PatientRequest {
  /** The key as the store knows it. */
  readonly name: string;
  readonly cost: number;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal | undefined;
}

type Answer = RateLimitResult | Promise<RateLimitResult>;

/** Consumes as soon as there is room: one at a time per key asks the store, the others stand in line behind it. */
export class PatientConsumer {
  readonly #options: PatientConsumerOptions;
  readonly #lines = new KeyLines();
  /** What the head of each line was told last. */
  readonly #outlooks = new Map<string, number>();

  constructor(options: PatientConsumerOptions) {
    this.#options = options;
  }

  async wait(request: PatientRequest): Promise<RateLimitResult> {
    const { name, signal } = request;
    signal?.throwIfAborted();
    if (!this.#lines.tryEnter(name)) return this.#waitUntil(request, undefined);
    let first: Answer | undefined;
    try {
      first = this.#ask(request);
    } finally {
      // A store within the process answers at once, and most often there is room: no timer, no listener.
      if (first === undefined || ('allowed' in first && first.allowed)) this.#leave(name);
    }
    return 'allowed' in first && first.allowed ? first : this.#waitUntil(request, first);
  }

  /** `first` is the answer to the one who is in line already. */
  async #waitUntil(request: PatientRequest, first: Answer | undefined): Promise<RateLimitResult> {
    const { clock } = this.#options;
    const { name, maxWaitMs: ms, signal } = request;
    const giveUpAt = clock.monotonic() + ms;
    const deadline = new Deadline({ clock, ms, signal, expired: () => rateLimited(this.#outlooks.get(name) ?? 1) });
    try {
      if (first === undefined) await this.#lines.enter(name, deadline.signal);
      return await this.#consume(request, first, { signal: deadline.signal, giveUpAt });
    } finally {
      deadline.clear();
    }
  }

  async #consume(request: PatientRequest, first: Answer | undefined, { signal, giveUpAt }: { signal: AbortSignal; giveUpAt: number }): Promise<RateLimitResult> {
    const { clock } = this.#options;
    try {
      for (let answer = first; ; answer = undefined) {
        const result = await this.#hear(request, answer ?? this.#ask(request), signal);
        if (result.allowed) return result;
        const { retryAfterMs } = result;
        this.#outlooks.set(request.name, retryAfterMs);
        if (clock.monotonic() + retryAfterMs > giveUpAt) throw rateLimited(retryAfterMs);
        await clock.sleep(Math.max(1, retryAfterMs), signal);
      }
    } finally {
      this.#leave(request.name);
    }
  }

  #ask({ name, cost }: PatientRequest): Answer {
    const { store, rule } = this.#options;
    return store.consume(name, rule, cost);
  }

  /** What a store still takes for one who has gone is given back. */
  async #hear(request: PatientRequest, answer: Answer, signal: AbortSignal): Promise<RateLimitResult> {
    if (!(answer instanceof Promise)) return answer;
    try {
      return await abortable(answer, signal);
    } catch (error) {
      if (signal.aborted) answer.then((late) => this.#giveBack(request, late)).catch(() => undefined);
      throw error;
    }
  }

  async #giveBack({ name, cost }: PatientRequest, { allowed }: RateLimitResult): Promise<void> {
    const { store, rule } = this.#options;
    if (allowed) await store.adjust(name, rule, -cost);
  }

  #leave(name: string): void {
    this.#outlooks.delete(name);
    this.#lines.leave(name);
  }
}

/** There is no room. */
export function rateLimited(retryAfterMs: number): TunicError {
  return new TunicError('ERR_TUNIC_RATE_LIMITED', `rate limit exceeded; there is room in ${retryAfterMs} ms`, { retryable: true, retryAfterMs });
}
