import { describe, expect, it } from 'vitest';
import { judge } from '../../src/harness/judge.ts';
import type { Budget, Row } from '../../src/harness/row.ts';
import { resultOf } from './result-of.ts';

function rowWith(...budgets: Budget[]): Row {
  return {
    name: 'a row',
    ops: 10,
    contenders: {
      tunic: { module: 'x' },
      slow: { module: 'x' },
      fast: { module: 'x' },
      bare: { module: 'x', floor: true },
    },
    budgets,
  };
}

const times = { tunic: [80, 50], slow: [400, 60], fast: [100, 100], bare: [10, 10] } as const;

describe('judge', () => {
  it('takes the cheapest peer as the best, and never the floor', () => {
    const [verdict] = judge(resultOf(rowWith({ against: 'best peer', measure: 'cpu', limit: 0.8 }), times));
    expect(verdict).toMatchObject({ against: 'fast', ratio: 0.8, met: true });
  });

  it('compares rates by wall time, where the best peer may be another one', () => {
    const [verdict] = judge(resultOf(rowWith({ against: 'best peer', measure: 'rate', limit: 1.3 }), times));
    expect(verdict).toMatchObject({ against: 'slow', ratio: 1.2, met: false });
  });

  it('holds against a contender by name, the floor too', () => {
    const [verdict] = judge(resultOf(rowWith({ against: 'bare', measure: 'cpu', limit: 7.9 }), times));
    expect(verdict).toMatchObject({ against: 'bare', ratio: 8, met: false });
  });

  it('has no verdict where a side was not measured', () => {
    const result = resultOf(rowWith({ against: 'fast', measure: 'cpu', limit: 1 }), { tunic: [1, 1] });
    expect(judge(result)).toEqual([]);
  });
});
