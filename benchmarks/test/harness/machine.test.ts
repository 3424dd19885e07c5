import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { describeMachine } from '../../src/harness/machine.ts';

describe('describeMachine', () => {
  it('warns when others used the machine, before or meanwhile', () => {
    const cores = availableParallelism();
    expect(describeMachine(0.1, 1.2)).toEqual([expect.stringContaining(`Node ${process.versions.node}, ${cores} × `)]);
    expect(describeMachine(cores, 1.2)).toHaveLength(2);
    expect(describeMachine(0.1, cores * 2 + 1)[1]).toContain('busy');
  });
});
