import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTaskPool } from '../../../src/resilience/task-pool/task-pool.ts';
import { createVirtualClock } from '../../../src/testing/virtual-clock.ts';

const key = fc.constantFrom(undefined, 'a', 'b', 'c');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('add' as const), priority: fc.integer({ min: 0, max: 2 }), key }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('move' as const), which: fc.nat(), priority: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abort' as const), which: fc.nat() }) },
);

interface Entry {
  readonly id: number;
  readonly key: string | undefined;
  priority: number;
}

/** A list that is searched from end to end; `turns` has when each key had its last turn. */
class NaivePool {
  #entries: Entry[] = [];
  readonly #turns = new Map<string | undefined, number>([[undefined, 0]]);
  #turn = 0;

  add(entry: Entry): void {
    if (!this.#turns.has(entry.key)) this.#turns.set(entry.key, ++this.#turn);
    this.#entries.push(entry);
  }

  remove(id: number): boolean {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    for (const name of this.#turns.keys()) if (name !== undefined && !this.#entries.some((entry) => entry.key === name)) this.#turns.delete(name);
    return this.#entries.length < before;
  }

  move(id: number, priority: number): boolean {
    const entry = this.#entries.find((one) => one.id === id);
    if (entry !== undefined) entry.priority = priority;
    return entry !== undefined;
  }

  take(): number | undefined {
    const turnOf = (entry: Entry): number => this.#turns.get(entry.key) ?? 0;
    const [first] = [...this.#entries].sort((a, b) => a.priority - b.priority || turnOf(a) - turnOf(b) || a.id - b.id);
    if (first === undefined) return undefined;
    this.#turns.set(first.key, ++this.#turn);
    this.remove(first.id);
    return first.id;
  }
}

it('serves as a list would that is searched for the first priority, the key whose turn it is, and the first arrival', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const pool = createTaskPool({ concurrency: 1 });
      const model = new NaivePool();
      const [ran, aborts, all] = [[] as number[], [] as AbortController[], [] as Promise<unknown>[]];
      let open!: () => void;
      void pool.add(() => new Promise<void>((resolve) => (open = resolve)));
      for (const action of steps) {
        if (action.type === 'add') {
          const id = all.length;
          const controller = new AbortController();
          aborts.push(controller);
          const { priority, key: name } = action;
          all.push(pool.add(() => ran.push(id), { priority, id: String(id), signal: controller.signal, ...(name === undefined ? {} : { key: name }) }).catch(String));
          model.add({ id, key: name, priority });
        } else if (all.length > 0) {
          const id = action.which % all.length;
          if (action.type === 'move') expect(pool.setPriority(String(id), action.priority)).toBe(model.move(id, action.priority));
          else {
            aborts[id]?.abort('aborted');
            model.remove(id);
          }
        }
      }
      open();
      await Promise.all(all);
      const expected: number[] = [];
      for (let id = model.take(); id !== undefined; id = model.take()) expected.push(id);
      expect(ran).toEqual(expected);
      expect([pool.size, pool.running]).toEqual([0, 0]);
    }),
    { numRuns: 500 },
  );
});

it('orders aging tasks as one that reckons every priority anew at each start', async () => {
  const task = fc.record({ priority: fc.integer({ min: -3, max: 3 }), wait: fc.integer({ min: 0, max: 40 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(task, { maxLength: 12 }), async (tasks) => {
      const clock = createVirtualClock();
      const pool = createTaskPool({ concurrency: 1, aging: 16, clock });
      pool.pause();
      const ran: number[] = [];
      const added: { id: number; priority: number; at: number }[] = [];
      const all: Promise<unknown>[] = [];
      for (const [id, { priority, wait }] of tasks.entries()) {
        await clock.advance(wait);
        added.push({ id, priority, at: clock.monotonic() });
        all.push(pool.add(() => ran.push(id), { priority }));
      }
      const now = clock.monotonic();
      const aged = ({ priority, at }: (typeof added)[number]): number => priority - (now - at) / 16;
      pool.resume();
      await Promise.all(all);
      expect(ran).toEqual(added.sort((a, b) => aged(a) - aged(b) || a.id - b.id).map(({ id }) => id));
    }),
    { numRuns: 200 },
  );
});

const user = fc.record({
  priority: fc.integer({ min: 0, max: 2 }),
  key,
  fate: fc.constantFrom('patient', 'patient', 'aborts', 'times out', 'waits little', 'fails'),
});
const CODES = ['ERR_TUNIC_TIMEOUT', 'ERR_TUNIC_DROPPED', 'ERR_TUNIC_QUEUE_FULL', 'ERR_TUNIC_CLOSED'];

it('keeps every bound, settles every promise and leaves nothing, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(user, { minLength: 1, maxLength: 14 }),
      fc.array(fc.constantFrom('clear', 'pause', 'resume', 'advance', 'shrink', 'grow', 'move', 'close'), { maxLength: 8 }),
      fc.record({
        maxQueue: fc.constantFrom(2, Infinity),
        overflow: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
        aging: fc.constantFrom(undefined, 5),
        rate: fc.constantFrom(undefined, { limit: 2, window: 7 }),
        perKey: fc.constantFrom(undefined, 1),
      }),
      async (scheduler, users, events, { aging, rate, perKey, ...bounds }) => {
        const clock = createVirtualClock();
        const pool = createTaskPool({
          concurrency: 3,
          clock,
          ...bounds,
          ...(aging === undefined ? {} : { aging }),
          ...(rate === undefined ? {} : { rate }),
          ...(perKey === undefined ? {} : { key: { concurrency: perKey } }),
        });
        let [running, limit, settled] = [0, 3, 0];
        const byKey = new Map<string, number>();
        const starts: number[] = [];
        const signals: AbortSignal[] = [];
        const work = async (one: (typeof users)[number]): Promise<number> => {
          starts.push(clock.monotonic());
          const ofKey = one.key === undefined ? 0 : (byKey.get(one.key) ?? 0) + 1;
          expect([++running <= limit, ofKey <= (perKey ?? Infinity)]).toEqual([true, true]);
          if (one.key !== undefined) byKey.set(one.key, ofKey);
          await scheduler.schedule(Promise.resolve());
          running--;
          if (one.key !== undefined) byKey.set(one.key, (byKey.get(one.key) ?? 0) - 1);
          if (one.fate === 'fails') throw new Error('mine');
          return 1;
        };
        const live = async (one: (typeof users)[number], id: number): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
          const controller = new AbortController();
          if (one.fate === 'aborts') {
            signals.push(controller.signal);
            void scheduler.schedule(Promise.resolve()).then(() => controller.abort('aborted'));
          }
          await pool
            .add(() => work(one), {
              priority: one.priority,
              id: String(id),
              ...(one.key === undefined ? {} : { key: one.key }),
              ...(one.fate === 'aborts' ? { signal: controller.signal } : {}),
              ...(one.fate === 'times out' ? { timeout: 3 } : {}),
              ...(one.fate === 'waits little' ? { maxWait: 3 } : {}),
            })
            .catch((error: unknown) => {
              if (error !== 'aborted' && (error as Error).message !== 'mine' && !CODES.includes((error as { code: string }).code)) throw error;
            });
          settled++;
        };
        const happen = {
          clear: () => pool.clear(),
          pause: () => pool.pause(),
          resume: () => pool.resume(),
          advance: () => clock.advance(4),
          shrink: () => {
            pool.resize(1);
            limit = Math.max(1, pool.running);
          },
          grow: () => {
            limit = 5;
            pool.resize(5);
          },
          move: () => pool.setPriority('1', 9),
          close: () => void pool.close(),
        };
        const all = users.map(live);
        for (const event of events) void scheduler.schedule(Promise.resolve()).then(() => happen[event]());
        // Each round lets one window of the rate pass; there are never more tasks than rounds.
        for (let rounds = 0; rounds < users.length + 2; rounds++) {
          await scheduler.waitIdle();
          pool.resume();
          await clock.advance(10);
        }
        await scheduler.waitFor(Promise.all(all));
        await pool.onIdle();
        expect([settled, running, pool.size, pool.running, clock.pendingTimers]).toEqual([users.length, 0, 0, 0, 0]);
        for (const signal of signals) expect(getEventListeners(signal, 'abort')).toEqual([]);
        const { succeeded, failed, dropped } = pool.stats;
        const refused = users.length - succeeded - failed - dropped;
        expect(events.includes('close') ? refused >= 0 : refused).toBe(events.includes('close') ? true : 0);
        if (rate !== undefined) for (const [index, start] of starts.entries()) if (index >= 2) expect(start - (starts[index - 2] ?? 0)).toBeGreaterThanOrEqual(7);
      },
    ),
    { numRuns: 500 },
  );
});

it('has nothing left after a hundred thousand uses of every kind', async () => {
  const clock = createVirtualClock();
  const pool = createTaskPool({ concurrency: 10, maxQueue: 50, overflow: 'drop-lowest', aging: '1s', key: { concurrency: 2 }, clock });
  const controller = new AbortController();
  let ended = 0;
  const all = Array.from({ length: 1e5 }, async (_, index) => {
    const options = { priority: index % 7, key: `k${index % 1_000}`, id: String(index), signal: controller.signal, timeout: '1m', maxWait: '1m' } as const;
    await pool.add(() => Promise.resolve(), options).catch(() => undefined);
    ended++;
  });
  await Promise.all(all);
  await pool.onIdle();
  expect([ended, pool.size, pool.running, clock.pendingTimers]).toEqual([1e5, 0, 0, 0]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
