import type { Middleware } from '../compose/compose.ts';
import { checkFunction } from '../errors/invalid-option.ts';
import { systemClock } from '../time/clock.ts';
import { type LayerSignal, signalFor } from './layer-signal.ts';
import { AttemptRun, type Operation, type Outcome } from './run.ts';

/** A value that stands in for a failure, or the function that makes one of it. */
export type Substitute<T, F> = F | ((outcome: Outcome<T>) => F | PromiseLike<F>);

/** Options of {@link fallback}. */
export interface FallbackOptions<T> {
  /** Which outcomes are replaced; every error by default. When it throws, that is what the caller gets. */
  if?: (outcome: Outcome<T>) => boolean;
  /** Handed to the operation. Nothing stands in for a failure after it aborted: the error comes back unchanged. */
  signal?: AbortSignal | undefined;
}

/** Options of {@link fallbackLayer}. */
export interface FallbackLayerOptions<C, R> extends Omit<FallbackOptions<R>, 'signal'> {
  signal?: LayerSignal<C> | undefined;
}

/**
 * Calls an operation and replaces its failure by a value.
 *
 * @throws (rejects) an error that `if` refuses, or that came after the signal aborted; what the function that makes the
 * value throws; the signal's reason when it was aborted before; `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { fallback } from '@tunic/core';
 *
 * await fallback((): string => JSON.parse('{'), 'unreadable', { if: ({ error }) => error instanceof SyntaxError }); // 'unreadable'
 * ```
 */
export async function fallback<T, F = T>(
  operation: Operation<T>,
  substitute: Substitute<T, F>,
  options: FallbackOptions<T> = {},
): Promise<T | F> {
  const { if: applies = hasFailed, signal } = options;
  checkFunction('if', applies);
  signal?.throwIfAborted();
  return replaceFailure(operation, { substitute, applies, signal });
}

/**
 * A layer that replaces the failure of everything inside it by a value, as {@link fallback} does.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { compose, fallbackLayer } from '@tunic/core';
 *
 * const call = compose<object, string>([
 *   fallbackLayer('stale'),
 *   () => {
 *     throw new Error('no fresh one');
 *   },
 * ]);
 * await call({}); // 'stale'
 * ```
 */
export function fallbackLayer<C, R = unknown>(substitute: Substitute<R, R>, options: FallbackLayerOptions<C, R> = {}): Middleware<C, R> {
  const { if: applies = hasFailed } = options;
  checkFunction('if', applies);
  return (context, next) => replaceFailure(next, { substitute, applies, signal: signalFor(options.signal, context) });
}

interface Replacement<T, F> {
  readonly substitute: Substitute<T, F>;
  readonly applies: (outcome: Outcome<T>) => boolean;
  readonly signal: AbortSignal | undefined;
}

async function replaceFailure<T, F>(operation: Operation<T>, { substitute, applies, signal }: Replacement<T, F>): Promise<T | F> {
  let outcome: Outcome<T>;
  try {
    const value = await operation(new AttemptRun(1, signal, RUN_LIMITS));
    if (applies === hasFailed) return value;
    outcome = { value };
  } catch (error) {
    outcome = { error };
    if (signal?.aborted === true || !applies(outcome)) throw error;
    return make(substitute, outcome);
  }
  return applies(outcome) ? make(substitute, outcome) : outcome.value;
}

const RUN_LIMITS = { clock: systemClock, deadlineMs: Infinity, limited: false };

function hasFailed(outcome: Outcome<unknown>): boolean {
  return 'error' in outcome;
}

function make<T, F>(substitute: Substitute<T, F>, outcome: Outcome<T>): F | PromiseLike<F> {
  return typeof substitute === 'function' ? (substitute as (outcome: Outcome<T>) => F | PromiseLike<F>)(outcome) : substitute;
}
