import { describe, expect, it } from 'vitest';
import { isBroken } from '../../src/harness/group-result.ts';
import { toJson } from '../../src/harness/json-report.ts';
import type { Row } from '../../src/harness/row.ts';
import { resultOf } from './result-of.ts';

const row: Row = {
  name: 'work',
  ops: 10,
  contenders: { tunic: { module: 'x' }, peer: { module: 'x' } },
  budgets: [{ against: 'peer', measure: 'cpu', limit: 0.5 }],
};
const group = { name: 'core', rows: [row] };
const result = resultOf(row, { tunic: [100, 100], peer: [100, 100] });

describe('isBroken', () => {
  it('is not said of a missed budget', () => {
    expect(isBroken({ group, rows: [result], sizes: [{ row: { name: 's', source: '', limit: 1 }, bytes: 2 }] })).toBe(false);
  });

  it('is said of a contender without figures and of a bundle without size', () => {
    expect(isBroken({ group, rows: [{ ...result, errors: new Map([['peer', 'no']]) }], sizes: [] })).toBe(true);
    expect(isBroken({ group, rows: [], sizes: [{ row: { name: 's', source: '' }, error: 'no' }] })).toBe(true);
  });
});

describe('toJson', () => {
  it('holds every round and every verdict', () => {
    const text = toJson({ quick: false, rounds: 1 }, [{ group, rows: [result], sizes: [] }], ['a machine']);
    expect(JSON.parse(text)).toMatchObject({
      rounds: 1,
      machine: ['a machine'],
      groups: [
        {
          name: 'core',
          rows: [
            {
              name: 'work',
              contenders: { peer: { cpuNs: 100, rounds: [{ cpuNs: 100, wallNs: 100 }] } },
              verdicts: [{ against: 'peer', ratio: 1, met: false }],
            },
          ],
        },
      ],
    });
  });
});
