import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compose, type Middleware } from '../../src/compose/compose.ts';
import { repeatable } from '../../src/compose/repeatable.ts';

type Layer = Middleware<object>;

const TWICE = { code: 'ERR_TUNIC_NEXT_TWICE', message: 'next() called multiple times' };
const pass: Layer = (_context, next) => next();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('compose', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  beforeEach(() => void process.on('unhandledRejection', note));
  afterEach(async () => {
    await turn();
    process.off('unhandledRejection', note);
    expect(unhandled.splice(0)).toEqual([]);
  });

  it('refuses what koa-compose refuses, in its words', () => {
    const untyped = compose as (layers: unknown) => unknown;
    for (const wrong of [{}, null, 'abc'])
      expect(() => untyped(wrong)).toThrow(new TypeError('Middleware stack must be an array!'));
    for (const wrong of [[pass, 1], [undefined]])
      expect(() => untyped(wrong)).toThrow(new TypeError('Middleware must be composed of functions!'));
  });

  it('runs layers around each other and the given next innermost, with the same context', async () => {
    const context = { seen: [] as string[] };
    const around =
      (name: string): Middleware<{ seen: string[] }> =>
      async (ctx, next) => {
        ctx.seen.push(name);
        const value = await next();
        ctx.seen.push(name.toUpperCase());
        return value;
      };
    const call = compose([around('a'), around('b')]);
    expect(await call(context, (ctx) => ctx.seen.push('last'))).toBe(3);
    expect(context.seen).toEqual(['a', 'b', 'last', 'B', 'A']);
  });

  it('resolves with undefined when nothing is inside, and the innermost next resolves too', async () => {
    expect(await compose([])({})).toBeUndefined();
    expect(await compose([pass, pass])({}, (_context, next) => next())).toBeUndefined();
  });

  it('turns plain values into promises and synchronous throws into rejections', async () => {
    expect(await compose<object, number>([() => 7])({})).toBe(7);
    const boom = new Error('boom');
    const failing = compose([
      pass,
      () => {
        throw boom;
      },
    ])({});
    await expect(failing).rejects.toBe(boom);
  });

  it('reads the list once', async () => {
    const layers: Layer[] = [() => 'kept'];
    const call = compose(layers);
    layers[0] = () => 'changed';
    expect(await call({})).toBe('kept');
  });

  it('rejects as a whole when a layer drops its second next(), without an unhandled rejection', async () => {
    const careless: Layer = async (_context, next) => {
      const value = await next();
      void next();
      return value;
    };
    await expect(compose([careless, () => 1])({})).rejects.toMatchObject(TWICE);
    await expect(compose([pass, pass, careless, pass])({})).rejects.toMatchObject(TWICE);
  });

  it('rejects as a whole when the error of a second next() was caught', async () => {
    const forgiving: Layer = async (_context, next) => {
      await next();
      return next().catch(() => 'forgiven');
    };
    await expect(compose([forgiving])({})).rejects.toMatchObject(TWICE);
  });

  it('lets an error of the layers go before that of a dropped second next()', async () => {
    const own = new Error('own');
    const call = compose([
      (_context, next) => {
        void next();
        void next();
        throw own;
      },
    ]);
    await expect(call({})).rejects.toBe(own);
  });

  it('runs what is inside once when next() is called twice', async () => {
    let runs = 0;
    await compose<object>([
      async (_context, next) => {
        await next();
        await next();
      },
      () => ++runs,
    ])({}).catch(() => undefined);
    expect(runs).toBe(1);
  });

  it('guards the given next too, and a call after the whole is over stays harmless', async () => {
    let late: (() => Promise<unknown>) | undefined;
    const twice: Layer = async (_context, next) => {
      await next();
      await next();
    };
    await expect(compose([pass])({}, twice)).rejects.toMatchObject(TWICE);
    await compose([
      (_context, next) => {
        late = next;
        return next();
      },
    ])({});
    void late?.();
    await turn();
  });

  it('guards in production as well', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      const call = compose([(_context, next) => Promise.all([next(), next()])]);
      await expect(call({})).rejects.toMatchObject(TWICE);
    } finally {
      process.env.NODE_ENV = before;
    }
  });

  it('keeps calls apart, and one composed function is a layer of another', async () => {
    const inner = compose<{ n: number }, number>([async (_context, next) => (await next()) + 1]);
    const outer = compose<{ n: number }, number>([inner, inner, ({ n }) => n]);
    expect(await Promise.all([1, 2, 3].map((n) => outer({ n })))).toEqual([3, 4, 5]);
  });

  describe('repeatable', () => {
    const thrice: Layer = async (_context, next) => [await next(), await next(), await next()];

    it('runs every layer inside afresh at each further next()', async () => {
      let runs = 0;
      const once: Layer = async (_context, next) => next();
      expect(await compose([repeatable(thrice), once, once, () => ++runs])({})).toEqual([1, 2, 3]);
      expect(await compose([repeatable(thrice), once])({}, () => ++runs)).toEqual([4, 5, 6]);
    });

    it('may go on after a rejection', async () => {
      let runs = 0;
      const retrying = repeatable<Layer>((_context, next) => next().catch(() => next()));
      const call = compose([
        retrying,
        () => {
          if (++runs === 1) throw new Error('first');
          return runs;
        },
      ]);
      expect(await call({})).toBe(2);
    });

    it('must not call next() while a call is under way', async () => {
      const hasty = repeatable<Layer>((_context, next) => {
        void next();
        return next();
      });
      await expect(compose([hasty, () => turn()])({})).rejects.toMatchObject(TWICE);
    });

    it('reaches through a composed layer', async () => {
      let runs = 0;
      const inner = compose([repeatable(thrice)]);
      expect(await compose([inner, () => ++runs])({})).toEqual([1, 2, 3]);
    });

    it('leaves other layers inside strict', async () => {
      const twice: Layer = async (_context, next) => [await next(), await next()];
      await expect(compose([repeatable(thrice), twice])({})).rejects.toMatchObject(TWICE);
    });

    it('refuses anything but a function', () => {
      expect(() => repeatable({})).toThrow(expect.objectContaining({ code: 'ERR_TUNIC_OPTION' }));
    });
  });
});
