import { AsyncLocalStorage } from 'node:async_hooks';
import { TunicError } from '@tunic/core';
import { createVirtualClock } from '@tunic/core/testing';
import { describe, expect, it } from 'vitest';
import { type HttpContext, createStack } from '../../src/index.ts';
import { RawClient, get } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';
import { useServers } from '../support/use-servers.ts';

const open = useServers();

describe('work after the reply', () => {
  it('starts when the reply has ended, in the async context of its request', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const listener = createStack()
      .use((_, next) => storage.run('request', next))
      .listener((ctx) => {
        ctx.after(() => void seen.push(`work ${storage.getStore() ?? 'lost'}`));
        ctx.onEnd((outcome) => void seen.push(outcome));
        return 'ok';
      });
    const { url } = await open(listener);
    await (await fetch(url)).text();
    await until(() => seen.length === 2);
    expect(seen).toEqual(['finished', 'work request']);
  });

  it('runs though the client left, and its signal does not abort with it', async () => {
    let context: HttpContext | undefined;
    let aborted: boolean | undefined;
    const listener = createStack().listener(async (ctx) => {
      context = ctx;
      ctx.after((signal) => void (aborted = signal.aborted));
      await new Promise<void>((resolve) => ctx.onEnd(() => resolve()));
    });
    const { port } = await open(listener);
    const client = new RawClient(port, get('/'));
    await until(() => context !== undefined);
    client.leave();
    await until(() => aborted !== undefined);
    expect(aborted).toBe(false);
  });

  it('that fails is logged by name and request, and stops no other', async () => {
    const logger = recordingLogger();
    let others = 0;
    const listener = createStack({ logger }).listener((ctx) => {
      ctx.after(() => Promise.reject(new Error('mail')), { name: 'send mail' });
      ctx.after(() => {
        throw new Error('sync');
      });
      ctx.after(() => void (others += 1));
      return ctx.id;
    });
    const { url } = await open(listener);
    const id = await (await fetch(url)).text();
    await until(() => listener.stats.pendingWork === 0 && others === 1);
    expect(logger.lines.map((line) => [line.message, line.fields['requestId']])).toEqual(Array(2).fill(['background work failed', id]));
    expect(logger.lines.map((line) => line.fields['work']).sort()).toEqual(['after', 'send mail']);
  });

  it('has its signal aborted at its timeout, and leaves no timer when it is done before', async () => {
    const clock = createVirtualClock();
    const logger = recordingLogger();
    let started = false;
    const listener = createStack({ logger, clock }).listener((ctx) => {
      ctx.after((signal) => {
        started = true;
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }, { timeout: '5s', name: 'slow' });
      ctx.after(() => 'quick', { timeout: '1h' });
      return 'ok';
    });
    const { url } = await open(listener);
    await (await fetch(url)).text();
    await until(() => started && listener.stats.pendingWork === 1);
    await clock.advance('5s');
    await until(() => listener.stats.pendingWork === 0);
    expect(clock.pendingTimers).toBe(0);
    expect(logger.lines[0]?.fields).toMatchObject({ work: 'slow', err: { code: 'ERR_TUNIC_TIMEOUT' } });
  });

  it('that the background refuses is logged and forgotten', async () => {
    const logger = recordingLogger();
    for (const code of ['ERR_TUNIC_QUEUE_FULL', 'ERR_TUNIC_CLOSED'] as const) {
      const refuse = (): never => {
        throw new TunicError(code, 'no');
      };
      const listener = createStack({ logger, background: { add: refuse } as never }).listener((ctx) => {
        ctx.after(() => undefined);
        return 'ok';
      });
      const { url } = await open(listener);
      await (await fetch(url)).text();
      await until(() => listener.stats.pendingWork === 0 && listener.stats.active === 0);
    }
    expect(logger.lines.map((line) => line.message)).toEqual(Array(2).fill('background work was not started'));
  });

  it('asked for after the end starts at once; a bad timeout is refused where it is given', async () => {
    let context: HttpContext | undefined;
    const listener = createStack().listener((ctx) => {
      context = ctx;
      return 'ok';
    });
    const { url } = await open(listener);
    await (await fetch(url)).text();
    await until(() => listener.stats.active === 0);
    let ran = false;
    context?.after(() => void (ran = true));
    await until(() => ran);
    expect(() => context?.after(() => undefined, { timeout: -1 })).toThrow(/timeout/);
  });
});
