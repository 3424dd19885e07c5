import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/harness/compile.ts';
import { runRow } from '../../src/harness/run-row.ts';

const parameters = { depth: 5, layers: 'async' };

describe('a measured process', () => {
  it('runs a compiled contender and answers its figures; what breaks is reported', async () => {
    using compiled = await compile(resolve(import.meta.dirname, '../..'));
    const { results, errors } = await runRow(
      {
        name: 'compose',
        ops: 200,
        contenders: { koa: { module: 'compose/koa', parameters }, gone: { module: 'compose/gone' } },
        budgets: [],
      },
      compiled,
      { rounds: 2, quick: false },
    );
    expect(results.get('koa')?.rounds).toHaveLength(2);
    expect(results.get('koa')?.wallNs).toBeGreaterThan(0);
    expect(errors.get('gone')).toContain('ended with code 1');
  });
});
