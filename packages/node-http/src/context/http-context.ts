import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Duration } from '@tunic/core';
import type { Head } from '../reply/head.ts';

/** A value that `JSON.stringify` takes. */
export type Json = object | number | boolean | null;

/**
 * What a reply can carry. Texts, bytes and streams go out as they are; anything else goes out as JSON. A `content-type`
 * that was not set becomes `text/plain; charset=utf-8`, `application/octet-stream` or
 * `application/json; charset=utf-8`.
 */
export type Body = string | Uint8Array | Readable | AsyncIterable<Uint8Array | string> | Json;

/**
 * How a request ended. `finished`: the reply was sent whole, whatever its status; `aborted`: the client left, or the
 * server was forced down, before that; `timeout`: the server gave up on it; `error`: the reply broke off because
 * something failed after its head had been sent.
 */
export type Outcome = 'finished' | 'aborted' | 'timeout' | 'error';

/** Options of {@link HttpContext.after}. */
export interface AfterOptions {
  /** Aborts the signal of the work after this long; never by default. */
  timeout?: Duration;
  /** Names the work in the log. */
  name?: string;
}

/** The platform's own objects of a request. */
export interface RawExchange {
  readonly req: IncomingMessage;
  /**
   * Whoever asks for it may answer with it: a handler that did and leaves no body is taken to write the reply itself, now
   * or later, and is left in peace.
   */
  readonly res: ServerResponse;
}

/**
 * One request and its reply, as every layer and the handler see it. `S` is what the layers put into `state`.
 *
 * After the reply was sent or the client has left, changes to `status`, `body` and `head` do nothing; they are counted in
 * the stack's `lateWrites`.
 */
export interface HttpContext<S extends object = object> {
  readonly method: string;
  /** The path without the query, percent-decoded once. */
  readonly path: string;
  /** The request target as it came. */
  readonly rawUrl: string;
  readonly query: URLSearchParams;
  /** The address of the socket's other end; what proxies say in headers is never believed here. */
  readonly ip: string;
  /** Names the request in logs and problem replies: a random UUID unless a layer set it. */
  readonly id: string;
  /**
   * Aborts when the client leaves before the reply was sent whole, or when the server is forced down; not when the request
   * ends well. Made on first use.
   */
  readonly signal: AbortSignal;
  /** A request header; the name in any case. */
  header(name: string): string | undefined;
  /**
   * The status of the reply. Unless it was set: 200 with a body, 404 without one.
   *
   * @throws `ERR_TUNIC_OPTION` on setting anything but a whole number from 200 to 599
   */
  status: number;
  body: Body | undefined;
  readonly head: Head;
  readonly state: S;
  /** The template that matched, such as `/users/:id`; for logs and metrics. */
  route: string | undefined;
  /**
   * Runs once right before the head is sent, the hooks of inner layers first. What it throws becomes the error of the
   * request.
   */
  onHead(run: (head: Head) => void): void;
  /**
   * Runs exactly once when the request has ended; at once if it has already. `error` is what a layer or the handler threw,
   * also when it was turned into a reply. What the hook throws goes to the logger.
   */
  onEnd(run: (outcome: Outcome, error: unknown) => void): void;
  /**
   * Work that starts when the request has ended, however it ended, and that no client can stop. It runs in the async
   * context of this call, on the stack's background; its errors go to the logger; a drain waits for it. Its signal aborts
   * after `timeout` and when the server is forced down.
   *
   * @throws `ERR_TUNIC_OPTION` when `timeout` is no duration
   */
  after(run: (signal: AbortSignal) => unknown, options?: AfterOptions): void;
  readonly raw: RawExchange;
}
