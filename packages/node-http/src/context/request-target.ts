import type { IncomingMessage } from 'node:http';

/** Printable ASCII without `#`: a target never holds a fragment, and anything else must come percent-encoded. */
const TARGET = /^[!"$-~]+$/;
const CONTROL = /[\0-\x1f\x7f]/;

/**
 * The path of a request target (RFC 9112 §3.2), decoded once; `undefined` when it cannot be read in one sure way: broken
 * percent-encoding or UTF-8, control characters, raw non-ASCII, or two `Host` lines.
 */
export function readPath(req: IncomingMessage): string | undefined {
  const target = req.url ?? '';
  if (!TARGET.test(target) || hasTwoHosts(req.rawHeaders)) return undefined;
  const path = rawPath(target);
  if (!path.includes('%')) return path;
  try {
    const decoded = decodeURIComponent(path);
    return CONTROL.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function rawPath(target: string): string {
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  if (path.startsWith('/') || path === '*') return path;
  // The absolute form, as sent to proxies: scheme://authority/path.
  const slash = path.indexOf('/', path.indexOf('://') + 3);
  return slash < 0 ? '/' : path.slice(slash);
}

/** Node takes a request with two `Host` lines, though RFC 9112 §3.2 asks for a 400. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
