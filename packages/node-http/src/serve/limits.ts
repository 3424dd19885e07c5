import type { ServerOptions } from 'node:http';
import { type Duration, toMilliseconds } from '@tunic/core';
import { checkLimit } from '../errors/check-limit.ts';

/** Limits of the server on each connection. */
export interface ServeLimits {
  /** Until the head of a request must be there; 15 s by default. */
  headersTimeout?: Duration;
  /**
   * Until a whole request, its body included, must be there; 1 h by default, so that a long upload over a slow line gets
   * through. Lower it where nobody uploads. It does not limit how long a reply takes.
   */
  requestTimeout?: Duration;
  /**
   * How long an idle connection is kept for the next request; 65 s by default. It has to be longer than what a load balancer
   * in front keeps its own side open, 60 s as a rule, or that one meets closed connections.
   */
  keepAliveTimeout?: Duration;
  /** Bytes of a request's line and headers together; 16 KiB by default. A larger head gets 431. */
  maxHeaderSize?: number;
  /** Requests on one connection before it is closed; no limit by default. */
  maxRequestsPerSocket?: number;
  /** Connections at one time; more are dropped. No limit by default. */
  maxConnections?: number;
}

/** The limits in node's own terms. */
export interface NodeLimits {
  options: ServerOptions;
  maxRequestsPerSocket: number;
  maxConnections: number;
}

const CHECK_EVERY_MS = 1_000;

/** Checks the limits and fills in the defaults. */
export function resolveLimits(limits: ServeLimits): NodeLimits {
  const headersTimeout = toMilliseconds(limits.headersTimeout ?? '15s', 'limits.headersTimeout');
  const requestTimeout = toMilliseconds(limits.requestTimeout ?? '1h', 'limits.requestTimeout');
  return {
    options: {
      headersTimeout: Math.min(headersTimeout, requestTimeout),
      requestTimeout,
      keepAliveTimeout: toMilliseconds(limits.keepAliveTimeout ?? '65s', 'limits.keepAliveTimeout'),
      maxHeaderSize: checkLimit('limits.maxHeaderSize', limits.maxHeaderSize ?? 16_384),
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    maxRequestsPerSocket: checkLimit('limits.maxRequestsPerSocket', limits.maxRequestsPerSocket ?? 0),
    maxConnections: checkLimit('limits.maxConnections', limits.maxConnections ?? Infinity),
  };
}
