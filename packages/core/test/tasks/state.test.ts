import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinalState, moveTask, nextTaskState, TASK_EVENTS, TASK_STATES } from '../../src/tasks/state.ts';

describe('task states', () => {
  it('moves exactly as the table says', () => {
    const moves = TASK_STATES.flatMap((state) =>
      TASK_EVENTS.flatMap((event) => {
        const next = nextTaskState(state, event);
        return next === undefined ? [] : [`${state} ${event} ${next}`];
      }),
    );
    expect(moves).toEqual([
      'scheduled promote queued',
      'scheduled cancel cancelled',
      'queued claim running',
      'queued cancel cancelled',
      'running succeed succeeded',
      'running fail failed',
      'running retry scheduled',
      'running release queued',
      'running lapse queued',
      'running crash failed',
      'running cancel cancelled',
    ]);
  });

  it('never leaves a final state, and only a claim leads to running', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_EVENTS)), (events) => {
        let state: (typeof TASK_STATES)[number] = 'scheduled';
        for (const event of events) {
          const next = nextTaskState(state, event);
          if (isFinalState(state)) expect(next).toBeUndefined();
          if (next === 'running') expect([state, event]).toEqual(['queued', 'claim']);
          state = next ?? state;
        }
      }),
    );
  });

  it('a forbidden move is an error that says which', () => {
    expect(() => moveTask('succeeded', 'cancel')).toThrow(
      expect.objectContaining({ code: 'ERR_TUNIC_TASK_STATE', message: 'a succeeded task cannot cancel' }),
    );
    expect(moveTask('queued', 'claim')).toBe('running');
  });
});
