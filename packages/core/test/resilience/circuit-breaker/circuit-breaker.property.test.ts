import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isTunicError } from '../../../src/errors/tunic-error.ts';
import { createCircuitBreaker } from '../../../src/resilience/circuit-breaker/circuit-breaker.ts';
import type { CircuitBreaker, CircuitIsolation } from '../../../src/resilience/circuit-breaker/circuit-breaker-types.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const chance = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const rules = fc
  .record({
    failureRate: fc.constantFrom(undefined, 0.3, 0.5, 1),
    consecutive: chance(small(1, 4)),
    slow: chance(fc.record({ duration: small(1, 40), rate: fc.constantFrom(0.4, 1) })),
    window: fc.oneof(fc.record({ calls: small(3, 6) }), fc.record({ time: fc.constantFrom(100, 200) })),
    minimumCalls: small(1, 3),
    openFor: small(0, 80),
    concurrency: small(1, 3),
    successes: small(1, 3),
    spare: small(0, 2),
    probeTimeout: small(1, 60),
  })
  .filter(({ failureRate, consecutive, slow }) => failureRate !== undefined || consecutive !== undefined || slow !== undefined);
type Rules = typeof rules extends fc.Arbitrary<infer T> ? T : never;

const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('begin' as const) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('succeed' as const, 'fail' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.oneof(small(0, 30), small(0, 300)) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const, 'restart' as const) }) },
);

/** The breaker as lists and filters: every call that ever ended is kept, every question is asked of all of them. */
class NaiveBreaker {
  state = 'closed';
  phase = 0;
  holders = 0;
  ended: { at: number; failed: boolean; slow: boolean; phase: number }[] = [];
  probes: { id: number; at: number }[] = [];
  openUntil = 0;
  readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  enter(to: string): void {
    this.state = to;
    this.phase++;
    this.probes = [];
  }

  admits(now: number, id: number): boolean {
    if (this.state === 'closed') return true;
    if (this.state === 'isolated' || (this.state === 'open' && now < this.openUntil)) return false;
    if (this.state === 'open') this.enter('half-open');
    this.probes = this.probes.filter(({ at }) => now - at < this.rules.probeTimeout);
    if (this.probes.length >= this.rules.concurrency) return false;
    this.probes.push({ id, at: now });
    return true;
  }

  leave(id: number): void {
    this.probes = this.probes.filter((probe) => probe.id !== id);
  }

  end(now: number, phase: number, failed: boolean, tookMs: number): void {
    if (phase !== this.phase) return;
    const slow = this.rules.slow !== undefined && tookMs >= this.rules.slow.duration;
    this.ended.push({ at: now, failed, slow, phase });
    if (this.state === 'closed' && this.isTooMuch(now)) this.open(now);
    if (this.state === 'half-open') this.judgeProbes(now);
  }

  isTooMuch(now: number): boolean {
    const { failureRate = 2, consecutive = Infinity, slow, window, minimumCalls } = this.rules;
    const all = this.ended.filter(({ phase }) => phase === this.phase);
    const inRow = all.length - 1 - all.findLastIndex(({ failed }) => !failed);
    if (inRow >= consecutive) return true;
    if (failureRate > 1 && slow === undefined) return false;
    const tenth = (at: number): number => ('time' in window ? Math.floor(at / (window.time / 10)) : 0);
    const counted = 'time' in window ? all.filter(({ at }) => tenth(at) > tenth(now) - 10) : all.slice(-window.calls);
    if (counted.length < minimumCalls) return false;
    const share = (kind: 'failed' | 'slow'): number => counted.filter((call) => call[kind]).length / counted.length;
    return share('failed') >= failureRate || share('slow') >= (slow?.rate ?? 2);
  }

  judgeProbes(now: number): void {
    const all = this.ended.filter(({ phase }) => phase === this.phase);
    const bad = all.filter(({ failed, slow }) => failed || slow).length;
    if (all.length - bad >= this.rules.successes) this.enter('closed');
    else if (bad > this.rules.spare) this.open(now);
  }

  open(now: number): void {
    this.openUntil = now + this.rules.openFor;
    this.enter('open');
  }
}

interface Underway {
  id: number;
  phase: number;
  startedAt: number;
  controller: AbortController;
  result: Promise<unknown>;
  settle: (failed: boolean) => void;
}

it('does what a list of all calls would, at any time and with any outcomes', async () => {
  const reached = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(rules, fc.array(command, { maxLength: 80, size: 'max' }), async (rule, commands) => {
      const clock = createVirtualClock();
      const make = (state?: CircuitBreaker): CircuitBreaker =>
        createCircuitBreaker({
          ...(rule.failureRate === undefined ? {} : { failureRate: rule.failureRate }),
          ...(rule.consecutive === undefined ? {} : { consecutive: rule.consecutive }),
          ...(rule.slow === undefined ? {} : { slowCall: rule.slow }),
          window: rule.window,
          minimumCalls: rule.minimumCalls,
          openFor: rule.openFor,
          halfOpen: { concurrency: rule.concurrency, successes: rule.successes, calls: rule.successes + rule.spare, timeout: rule.probeTimeout },
          clock,
          state: state && (JSON.parse(JSON.stringify(state)) as never),
        });
      const model = new NaiveBreaker(rule);
      let breaker = make();
      let underway: Underway[] = [];
      const isolations: CircuitIsolation[] = [];
      const pick = (which: number): Underway | undefined => underway[which % Math.max(1, underway.length)];
      let ids = 0;

      for (const step of commands) {
        const now = clock.monotonic();
        if (step.do === 'advance') await clock.advance(step.ms);
        if (step.do === 'begin') {
          const controller = new AbortController();
          let settle: Underway['settle'] | undefined;
          const operation = (): Promise<void> =>
            new Promise((resolve, reject) => (settle = (failed) => (failed ? reject(new Error('failed')) : resolve())));
          const result = breaker.run(operation, { signal: controller.signal }).catch((error: unknown) => error);
          const id = ++ids;
          expect(settle !== undefined).toBe(model.admits(now, id));
          if (settle === undefined) expect(isTunicError(await result, 'ERR_TUNIC_CIRCUIT_OPEN')).toBe(true);
          else underway.push({ id, phase: model.phase, startedAt: now, controller, result, settle });
        }
        if (step.do === 'succeed' || step.do === 'fail') {
          const call = pick(step.which);
          if (call === undefined) continue;
          underway = underway.filter((one) => one !== call);
          call.settle(step.do === 'fail');
          await call.result;
          model.leave(call.id);
          if (step.do === 'succeed' || !call.controller.signal.aborted) model.end(now, call.phase, step.do === 'fail', now - call.startedAt);
        }
        if (step.do === 'abort') {
          const call = pick(step.which);
          call?.controller.abort();
          if (call !== undefined) model.leave(call.id);
        }
        if (step.do === 'isolate') {
          isolations.push(breaker.isolate());
          if (model.state !== 'isolated') model.enter('isolated');
        }
        if (step.do === 'release') {
          const isolation = isolations.pop();
          isolation?.release();
          if (isolation !== undefined && isolations.length === 0) model.enter('closed');
        }
        if (step.do === 'reset') {
          breaker.reset();
          isolations.length = 0;
          model.enter('closed');
        }
        if (step.do === 'restart' && model.state === 'closed') {
          breaker = make(breaker);
          for (const call of underway) call.settle(false);
          underway = [];
        }
        expect(breaker.state).toBe(model.state);
        reached.set(model.state, (reached.get(model.state) ?? 0) + 1);
      }
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 1500 },
  );
  // The model is worth nothing unless the runs come everywhere.
  for (const state of ['closed', 'open', 'half-open', 'isolated']) expect(reached.get(state)).toBeGreaterThan(500);
});

it('settles every call, keeps probes within their places and always closes again, in any order of events', async () => {
  let mostEver = 0;
  const caller = fc.record({ fate: fc.constantFrom('succeeds', 'fails', 'fails', 'aborts', 'hangs'), late: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(caller, { minLength: 1, maxLength: 20, size: 'max' }), small(1, 3), small(1, 3), async (scheduler, callers, concurrency, successes) => {
      let [nowMs, phase, settled, most] = [0, 0, 0, 0];
      const clock = { ...systemClock, monotonic: () => nowMs };
      const probes = new Map<number, number>();
      const onStateChange = (): void => void phase++;
      const breaker = createCircuitBreaker({ consecutive: 2, openFor: 10, halfOpen: { concurrency, successes, timeout: 1000 }, clock, onStateChange });
      const live = async ({ fate }: (typeof callers)[number]): Promise<void> => {
        const controller = new AbortController();
        if (fate === 'aborts') void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
        const operation = async (): Promise<void> => {
          const ownPhase = phase;
          const add = (count: number): number => (probes.set(ownPhase, (probes.get(ownPhase) ?? 0) + count), probes.get(ownPhase) ?? 0);
          if (breaker.state === 'half-open') most = Math.max(most, add(1));
          controller.signal.addEventListener('abort', () => add(-1), { once: true });
          await scheduler.schedule(Promise.resolve());
          if (!controller.signal.aborted) add(-1);
          if (fate === 'aborts' && controller.signal.aborted) throw new Error('gave up');
          if (fate === 'hangs') controller.abort('hung');
          if (fate === 'hangs') await new Promise(() => undefined);
          if (fate === 'fails') throw new Error('failed');
        };
        await Promise.race([breaker.run(operation, { signal: controller.signal }), new Promise((_, reject) => controller.signal.addEventListener('abort', reject))]);
      };
      const all = callers.map(async (one) => {
        await scheduler.schedule(Promise.resolve());
        await live(one).catch(() => undefined);
        settled++;
      });
      for (let i = 0; i < 6; i++) void scheduler.schedule(Promise.resolve()).then(() => void (nowMs += 10));
      await scheduler.waitFor(Promise.all(all));
      expect(settled).toBe(callers.length);
      expect(most).toBeLessThanOrEqual(concurrency);
      mostEver = Math.max(mostEver, most);
      nowMs += 2000;
      for (let i = 0; i < successes; i++) await breaker.run(() => 'works again');
      expect(breaker.state).toBe('closed');
    }),
    { numRuns: 500 },
  );
  expect(mostEver).toBe(3);
});
