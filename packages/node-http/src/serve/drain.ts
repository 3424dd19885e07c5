import type { Server } from 'node:http';
import { type Clock, type Logger, type Timer, TunicError } from '@tunic/core';
import { writeLog } from '../errors/write-log.ts';
import type { StackRuntime } from '../stack/stack-runtime.ts';
import type { Connections } from './connections.ts';

/** What a drain works on. */
export interface DrainParts {
  server: Server;
  connections: Connections;
  runtime: StackRuntime;
  clock: Clock;
  logger: Logger;
  delayMs: number;
}

/**
 * Takes a server out of service: replies close their connections from the first moment; after a delay nothing new is
 * accepted and connections without a request end; then what is under way has until the end of its grace.
 */
export class Drain {
  readonly #parts: DrainParts;
  #accepting = true;
  #forced = false;
  #timer: Timer | undefined;
  #graceMs = 0;
  /** Ends the wait that is under way. */
  #hurry: () => void = () => undefined;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  /** Runs the drain; once. Resolves when every connection is closed. */
  async run(graceMs: number): Promise<void> {
    const { server, connections, runtime, clock, delayMs } = this.#parts;
    this.#graceMs = graceMs;
    connections.closeAfterReply();
    if (graceMs === 0) this.force('there is no grace');
    await this.#wait(delayMs);
    this.#accepting = false;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (this.#forced) connections.destroyAll();
    else connections.destroyIdle();
    this.limit(this.#graceMs);
    await Promise.race([Promise.all([closed, runtime.whenIdle()]), this.#untilForced()]);
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    // Forced, a handler may never come back; its connection does.
    await closed;
  }

  /** Lets the grace end `graceMs` from now, or after the delay if that is still running; the newest word counts. None at all ends even the delay. */
  limit(graceMs: number): void {
    const { clock } = this.#parts;
    this.#graceMs = graceMs;
    if (graceMs === 0) this.force('there is no grace');
    if (this.#accepting || this.#forced) return;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timer = clock.setTimeout(() => this.force('the grace is over'), graceMs);
  }

  /** Ends everything at once. */
  force(why: string): void {
    if (this.#forced) return;
    this.#forced = true;
    const { connections, runtime, logger } = this.#parts;
    if (runtime.active + runtime.work.pending > 0)
      writeLog(logger, 'warn', { requests: runtime.active, work: runtime.work.pending, why }, 'drain forced');
    runtime.force(new TunicError('ERR_TUNIC_CLOSED', `the server is shutting down: ${why}`));
    connections.destroyAll();
    this.#hurry();
  }

  #wait(ms: number): Promise<void> {
    if (ms === 0 || this.#forced) return Promise.resolve();
    const { clock } = this.#parts;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, ms);
      this.#hurry = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
  }

  #untilForced(): Promise<void> {
    if (this.#forced) return Promise.resolve();
    return new Promise((resolve) => (this.#hurry = resolve));
  }
}
