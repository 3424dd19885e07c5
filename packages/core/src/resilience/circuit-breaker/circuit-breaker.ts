import type { Middleware } from '../../compose/compose.ts';
import { invalidOption } from '../../errors/invalid-option.ts';
import { checkSnapshot, readCircuitBreakerOptions } from './circuit-breaker-options.ts';
import type { CircuitBreaker, CircuitBreakerOptions } from './circuit-breaker-types.ts';
import { GuardedCircuit } from './guarded-circuit.ts';
import { type LayerSignal, signalFor } from '../layer-signal.ts';

/** Options of {@link circuitBreakerLayer}. */
export interface CircuitBreakerLayerOptions<C> {
  signal?: LayerSignal<C> | undefined;
}

/**
 * Creates a circuit breaker: it refuses calls while too many of the latest failed or were slow, then lets probes through
 * and closes again when these succeed. A timeout belongs inside it, since a call that the caller aborts does not count.
 *
 * @throws `ERR_TUNIC_OPTION` for a bad option
 * @example
 * ```ts
 * import { createCircuitBreaker, isTunicError } from '@tunic/core';
 *
 * const breaker = createCircuitBreaker({ consecutive: 2, openFor: '10s' });
 * for (let i = 0; i < 2; i++) await breaker.run(() => Promise.reject(new Error('down'))).catch(() => {});
 *
 * try {
 *   await breaker.run(() => 'never called');
 * } catch (error) {
 *   if (!isTunicError(error, 'ERR_TUNIC_CIRCUIT_OPEN')) throw error;
 *   error.retryAfterMs; // about 10000
 * }
 * ```
 */
export function createCircuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { state } = options;
  return new GuardedCircuit(readCircuitBreakerOptions(options), state === undefined ? undefined : checkSnapshot(state));
}

/**
 * A layer that runs everything inside it through a circuit breaker, which several stacks may share.
 *
 * @throws `ERR_TUNIC_OPTION` when `breaker` is none; its calls reject as {@link CircuitBreaker.run} does
 * @example
 * ```ts
 * import { circuitBreakerLayer, compose, createCircuitBreaker, timeoutLayer } from '@tunic/core';
 *
 * const breaker = createCircuitBreaker({ failureRate: 0.3, window: { calls: 50 } });
 * await compose<object, string>([circuitBreakerLayer(breaker), timeoutLayer('2s'), () => 'guarded'])({});
 * ```
 */
export function circuitBreakerLayer<C, R = unknown>(
  breaker: CircuitBreaker,
  options: CircuitBreakerLayerOptions<C> = {},
): Middleware<C, R> {
  if (typeof (breaker as Partial<CircuitBreaker> | undefined)?.run !== 'function') throw invalidOption('breaker', 'a circuit breaker', breaker);
  const { signal } = options;
  if (signal === undefined) return (_context, next) => breaker.run(next);
  return (context, next) => breaker.run(next, { signal: signalFor(signal, context) });
}
