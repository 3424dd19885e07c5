import { describe, expect, it } from 'vitest';
import { reportGroup } from '../../src/harness/report-group.ts';
import type { Row } from '../../src/harness/row.ts';
import { resultOf } from './result-of.ts';

const row: Row = {
  name: 'work',
  ops: 10,
  contenders: { tunic: { module: 'x' }, peer: { module: 'x' }, bare: { module: 'x', floor: true } },
  budgets: [
    { against: 'best peer', measure: 'cpu', limit: 0.9 },
    { against: 'bare', measure: 'cpu', limit: 1.15 },
  ],
};
const times = { tunic: [1_200, 1_500], peer: [2_000, 2_500], bare: [1_000, 1_250] } as const;

describe('reportGroup', () => {
  it('puts a verdict beside the contender that Tunic is held against', () => {
    const lines = reportGroup({ name: 'core', rows: [row] }, [resultOf(row, times)], []);
    expect(lines).toEqual([
      'core',
      '',
      'row   contender  CPU ns/op  wall ns/op    ops/s   ±  Tunic ÷ it  budget',
      '────  ─────────  ─────────  ──────────  ───────  ──  ──────────  ───────────────────────────  ─',
      'work  tunic          1,200       1,500  666,667  2%',
      '      peer           2,000       2,500  400,000  2%   0.60× CPU  ≤ 0.9× CPU of the best peer  ✓',
      '      bare           1,000       1,250  800,000  2%   1.20× CPU  ≤ 1.15× CPU                  ✗',
    ]);
  });

  it('shows sizes beside their budgets, notes, and what broke', () => {
    const broken = { ...resultOf(row, times), errors: new Map([['peer', 'ended with code 1']]) };
    const sizes = [
      { row: { name: 'small', source: '', limit: 500 }, bytes: 400 },
      { row: { name: 'large', source: '', limit: 500 }, bytes: 501 },
    ];
    const text = reportGroup({ name: 'core', rows: [row], notes: ['not the same promise'] }, [broken], sizes).join('\n');
    expect(text).toMatch(/small +400 +≤ 500 +✓/);
    expect(text).toMatch(/large +501 +≤ 500 +✗/);
    expect(text).toContain('· not the same promise');
    expect(text).toContain('work, peer: ended with code 1');
  });
});
