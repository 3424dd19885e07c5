import { describe, expect, it } from 'vitest';
import { createSqlTaskStore, openSqlite } from '../../src/index.ts';
import { newTask } from '../support/new-task.ts';
import { startFixture } from '../support/process.ts';
import { tempFile } from '../support/temp-file.ts';

const TASKS = 2000;

describe('several processes on one file', () => {
  it('settle each task exactly once, also those of a process killed in the middle of its work', async () => {
    const file = tempFile();
    using client = await openSqlite(file, { synchronous: 'normal' });
    await using store = createSqlTaskStore({ client });
    await store.enqueue(Array.from({ length: TASKS }, (_, index) => newTask({ id: `t${index}`, maxCrashes: 1 })));

    const victim = startFixture('drain.ts', file, 'victim', '100');
    const workers = ['w1', 'w2', 'w3'].map((worker) => startFixture('drain.ts', file, worker));
    await Promise.all([victim, ...workers].map((worker) => worker.line('ready')));
    victim.tell('go');
    await victim.line('holding 20');
    for (const worker of workers) worker.tell('go');
    victim.kill();
    const ended = await Promise.all([victim, ...workers].map((worker) => worker.ended));

    const settled = ended.flatMap(({ lines }) => lines.filter((line) => line.startsWith('settled ')));
    expect(ended.flatMap(({ lines }) => lines.filter((line) => line.startsWith('lost ')))).toEqual([]);
    expect(settled).toHaveLength(TASKS);
    expect(new Set(settled).size).toBe(TASKS);
    expect(ended.filter(({ lines }) => lines.length > 10).length).toBeGreaterThan(2);
    const records = await store.list({ states: ['succeeded'], limit: TASKS + 1 });
    expect(records).toHaveLength(TASKS);
    const rescued = records.filter(({ crashes }) => crashes === 1);
    expect(rescued).toHaveLength(20);
    expect(rescued.every(({ fence, result }) => fence === 2 && result !== '"victim"')).toBe(true);
  });

  it('that start at once on a new file run each migration once', async () => {
    const file = tempFile();
    const processes = Array.from({ length: 4 }, () => startFixture('migrate.ts', file));
    await Promise.all(processes.map((process) => process.line('ready')));
    for (const process of processes) process.tell('go');
    for (const { lines, code } of await Promise.all(processes.map(({ ended }) => ended))) {
      expect(lines).toEqual(['ready', 'migrated']);
      expect(code).toBe(0);
    }
    using client = await openSqlite(file);
    const rows = client.prepare('SELECT version, name FROM tunic_migrations ORDER BY version').all() as { version: number; name: string }[];
    expect(rows.map(({ version, name }) => `${version} ${name}`)).toEqual(['1 tasks', '2 idempotency']);
  });
});
