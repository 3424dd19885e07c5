import type { Background, Clock, Logger } from '@tunic/core';
import { AfterWorkers } from '../context/after-work.ts';
import type { HttpContext } from '../context/http-context.ts';
import type { LateWrites } from '../reply/head.ts';

/** What all requests of one stack share. */
export class StackRuntime implements LateWrites {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onError: ((error: unknown, ctx: HttpContext) => void) | undefined;
  readonly work: AfterWorkers;
  /** Requests whose reply has not ended or whose handler still runs. */
  active = 0;
  lateWrites = 0;
  /** Why the server was forced down, once it was. */
  forcedReason: unknown;
  #waiting: (() => void)[] = [];

  constructor(parts: {
    logger: Logger;
    clock: Clock;
    background: Background;
    onError: ((error: unknown, ctx: HttpContext) => void) | undefined;
  }) {
    this.logger = parts.logger;
    this.clock = parts.clock;
    this.onError = parts.onError;
    this.work = new AfterWorkers(parts.background, parts.logger, parts.clock, () => this.#checkIdle());
  }

  enter(): void {
    this.active += 1;
  }

  leave(): void {
    this.active -= 1;
    if (this.active === 0) this.#checkIdle();
  }

  /** Resolves when no request and no work after one is under way. */
  whenIdle(): Promise<void> {
    if (this.#idle) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** From now on, requests that end early and all background work abort with `reason`. */
  force(reason: unknown): void {
    this.forcedReason = reason;
    this.work.abort(reason);
  }

  get #idle(): boolean {
    return this.active === 0 && this.work.pending === 0;
  }

  #checkIdle(): void {
    if (!this.#idle) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
