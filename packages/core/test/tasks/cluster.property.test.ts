import fc from 'fast-check';
import { expect, it } from 'vitest';
import { constant } from '../../src/resilience/retry/backoff.ts';
import { createTasks } from '../../src/tasks/create-tasks.ts';
import { defineTask } from '../../src/tasks/define-task.ts';
import { createMemoryTaskStore } from '../../src/tasks/memory-store.ts';
import { createSeededRandom } from '../../src/testing/seeded-random.ts';
import { createVirtualClock } from '../../src/testing/virtual-clock.ts';
import { type Fault, faultyStore } from './faulty-store.ts';

const FAULTS: readonly Fault[] = ['refused', 'reply lost', 'done twice', 'never answered'];

it('whatever replies are lost and whichever workers die, every task ends once and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 30 }), async (seed, workers, percent) => {
      const random = createSeededRandom(seed);
      const clock = createVirtualClock();
      const shared = createMemoryTaskStore({ clock });
      const dead = new Set<number>();
      const ended = new Map<string, number>();
      const work = defineTask({
        name: 'work',
        attempts: 50,
        maxCrashes: 50,
        backoff: constant('1s'),
        run: async (input: number) => {
          await clock.sleep(Math.floor(random() * 3000));
          if (random() < 0.1) throw new Error('bad luck');
          return input;
        },
        onSuccess: (_, task) => ended.set(task.id, (ended.get(task.id) ?? 0) + 1),
      });
      const start = async (index: number): Promise<void> => {
        const chance = (): Fault =>
          dead.has(index) ? 'never answered' : random() * 100 < percent ? (FAULTS[Math.floor(random() * FAULTS.length)] ?? 'none') : 'none';
        const tasks = createTasks({ store: faultyStore(shared, chance), clock, random, tasks: [work] });
        await tasks.worker({ concurrency: 3, lease: '5s', id: `w${index}` }).start();
      };
      const client = createTasks({ store: shared, clock, tasks: [] });
      await client.enqueueMany(Array.from({ length: 25 }, (_, index) => ({ task: work, input: index, id: `t${index}` })));
      for (let index = 0; index < workers; index += 1) await start(index);
      // All but the last worker die at some time, without a word.
      for (let index = 0; index < workers - 1; index += 1) {
        await clock.advance(Math.floor(random() * 5000));
        dead.add(index);
      }
      await clock.advance('15m');
      const snapshots = await client.list({ limit: 100 });
      expect(snapshots.map(({ id, state, result }) => [id, state, result]).reverse()).toEqual(
        Array.from({ length: 25 }, (_, index) => [`t${index}`, 'succeeded', index]),
      );
      for (const [id, count] of ended) expect([id, count]).toEqual([id, 1]);
    }),
    { numRuns: 25 },
  );
});
