import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { KeyLines } from '../../src/limits/key-lines.ts';

describe('KeyLines', () => {
  it('lets one in per key, the others in order of arrival, and forgets keys that nobody uses', async () => {
    const lines = new KeyLines();
    const order: number[] = [];
    expect([lines.tryEnter('k'), lines.tryEnter('k'), lines.tryEnter('other')]).toEqual([true, false, true]);
    const turns = [1, 2, 3].map((i) => lines.enter('k', undefined).then(() => order.push(i)));
    for (let i = 1; i <= 3; i++) {
      lines.leave('k');
      await turns[i - 1];
      expect(order).toHaveLength(i);
    }
    lines.leave('k');
    lines.leave('other');
    expect([order, lines.size]).toEqual([[1, 2, 3], 0]);
  });

  it('passes over one who has gone from the middle of the line, and leaves no listener', async () => {
    const lines = new KeyLines();
    const controller = new AbortController();
    lines.tryEnter('k');
    const gone = lines.enter('k', controller.signal).catch((error: unknown) => error);
    const stays = new AbortController();
    const next = lines.enter('k', stays.signal);
    controller.abort('gone');
    expect(await gone).toBe('gone');
    lines.leave('k');
    await next;
    lines.leave('k');
    expect([lines.size, getEventListeners(stays.signal, 'abort').length, getEventListeners(controller.signal, 'abort').length]).toEqual([0, 0, 0]);
  });

  it('goes through 100,000 who wait in linear time', async () => {
    const lines = new KeyLines();
    lines.tryEnter('k');
    const waits = Array.from({ length: 100_000 }, () => lines.enter('k', undefined).then(() => lines.leave('k')));
    lines.leave('k');
    await Promise.all(waits);
    expect(lines.size).toBe(0);
  });
});
