import { describe, expect, it } from 'vitest';
import { bundleSize } from '../../src/harness/bundle-size.ts';

describe('bundleSize', () => {
  it('counts what is imported, minified and gzipped, and nothing else', async () => {
    const one = await bundleSize({ name: 'one', source: `export { default } from 'tinyqueue';` }, import.meta.dirname);
    const none = await bundleSize({ name: 'none', source: 'export {};' }, import.meta.dirname);
    expect(one.bytes).toBeGreaterThan(100);
    expect(one.bytes).toBeLessThan(1_000);
    expect(none.bytes).toBeLessThan(40);
  });

  it('says why something cannot be bundled', async () => {
    const { bytes, error } = await bundleSize({ name: 'gone', source: `export * from 'not-there';` }, import.meta.dirname);
    expect(bytes).toBeUndefined();
    expect(error).toContain('not-there');
  });
});
