import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/harness/read-arguments.ts';

const known = ['core', 'sql'];

describe('readArguments', () => {
  it('runs every group for seven rounds by default', () => {
    expect(readArguments([], known)).toEqual({ groups: known, only: undefined, quick: false, rounds: 7, json: undefined });
  });

  it('picks groups and takes options', () => {
    const read = readArguments(['sql', '--rounds', '9', '--json', 'out.json', '--only', 'drain'], known);
    expect(read).toEqual({ groups: ['sql'], only: 'drain', quick: false, rounds: 9, json: 'out.json' });
    expect(readArguments(['--quick'], known)).toMatchObject({ quick: true, rounds: 1 });
  });

  it('names what is wrong', () => {
    expect(() => readArguments(['redos'], known)).toThrow("there is no group 'redos'; the groups are core, sql");
    expect(() => readArguments(['--rounds', '4'], known)).toThrow('--rounds');
    expect(() => readArguments(['--rounds', 'many'], known)).toThrow("'many'");
    expect(() => readArguments(['--fast'], known)).toThrow('--fast');
  });
});
