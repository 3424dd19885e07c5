import { describe, expect, it } from 'vitest';
import type { Contender, Parameters, Setup } from '../src/harness/contender.ts';
import type { ContenderSpec } from '../src/harness/row.ts';
import { groups } from '../src/rows/groups.ts';

const OPS = 240;
const contenders = groups.flatMap(({ rows }) =>
  rows.flatMap(({ name, contenders }) => Object.entries(contenders).map(([who, spec]) => ({ row: name, who, spec }))),
);

async function open({ module, parameters = {} }: ContenderSpec): Promise<Contender> {
  const file = new URL(`../src/contenders/${module}.ts`, import.meta.url).href;
  const { setup } = (await import(/* @vite-ignore */ file)) as { setup: Setup };
  return setup(smaller(parameters) as never);
}

/** What is there a million times is there often enough a hundred times. */
function smaller(parameters: Parameters): Parameters {
  const limits: Parameters = { size: 100, crowd: 100, batch: 100 };
  const shrink = ([name, value]: [string, string | number]) => [name, Math.min(Number(value), Number(limits[name]))];
  const large = Object.entries(parameters).filter(([name]) => name in limits);
  return { ...parameters, ...(Object.fromEntries(large.map(shrink)) as Parameters) };
}

describe('every contender', () => {
  it.each(contenders)('of "$row" does the work that it claims: $who', async ({ spec }) => {
    const contender = await open(spec);
    try {
      for (const ops of [OPS, OPS / 2]) {
        await contender.prepare?.(ops);
        await contender.run(ops);
        await contender.check();
      }
    } finally {
      await contender.close?.();
    }
  });

  it.each(contenders)('of "$row" does not pass for work that was not done: $who', async ({ spec }) => {
    const contender = await open(spec);
    await expect(async () => contender.check()).rejects.toThrow();
  });
});

describe('every row', () => {
  it.each(groups.flatMap(({ rows }) => rows))('$name holds Tunic against contenders that it has', ({ contenders, budgets }) => {
    expect(Object.keys(contenders)[0]).toBe('tunic');
    for (const { against } of budgets) expect(['best peer', ...Object.keys(contenders)]).toContain(against);
  });
});
