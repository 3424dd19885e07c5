import { createHash } from 'node:crypto';

/**
 * One command of ours: a Lua script that Redis runs as one atomic step.
 *
 * @typeParam Keys - the Redis keys it touches, all of them: a Cluster routes by them and refuses any other
 */
export interface Script<Keys extends readonly string[]> {
  name: string;
  numberOfKeys: Keys['length'];
  lua: string;
}

const digests = new WeakMap<Script<readonly string[]>, string>();

/** The name under which Redis caches the script, computed on first use. */
export function sha1Of(script: Script<readonly string[]>): string {
  let digest = digests.get(script);
  if (digest === undefined) {
    digest = createHash('sha1').update(script.lua).digest('hex');
    digests.set(script, digest);
  }
  return digest;
}
