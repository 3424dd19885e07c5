import { invalidOption, callHook } from '@tunic/core';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { discardBody } from '../reply/discard-body.ts';
import { type Head, HeadList } from '../reply/head.ts';
import type { StackRuntime } from '../stack/stack-runtime.ts';
import { type AfterWork, prepareAfterWork } from './after-work.ts';
import type { AfterOptions, Body, HttpContext, Outcome, RawExchange } from './http-context.ts';
import { readPath } from './request-target.ts';

type EndHook = (outcome: Outcome, error: unknown) => void;

/** `open`: nothing sent; `committed`: our head is sent or raw writing was found; `ended`: over. */
type Phase = 'open' | 'committed' | 'ended';

/** The context as the stack itself sees it; layers and handlers get it as {@link HttpContext}. */
export class RequestContext implements HttpContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly runtime: StackRuntime;
  readonly method: string;
  readonly path: string;
  /** The target could be read in more than one way, or in none. */
  readonly malformed: boolean;
  readonly head: HeadList;
  readonly state: object = {};
  route: string | undefined = undefined;
  phase: Phase = 'open';
  /** What a layer, the handler or the body stream threw. */
  failure: unknown = undefined;
  failed = false;
  /** The reply broke off after its head had been sent. */
  broken = false;
  /** Every byte of the reply was handed to the client, though the connection is kept a moment longer. */
  delivered = false;
  /** Somebody got hold of `res` and may write the reply alone. */
  takenRaw = false;
  /** The client waits for `100 Continue` before it sends its body. */
  awaitsContinue: boolean;
  /** The request body is being read, or was. */
  bodyTaken = false;
  bodyBytes: Promise<Uint8Array> | undefined = undefined;
  /** The rest of the request body must be read before the connection can be closed. */
  lingers = false;
  #status = 0;
  #body: Body | undefined = undefined;
  #id: string | undefined = undefined;
  #ip: string | undefined = undefined;
  #query: URLSearchParams | undefined = undefined;
  #raw: RawExchange | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #abortReason: unknown = undefined;
  #outcome: Outcome = 'finished';
  #handlerDone = false;
  #headHooks: ((head: Head) => void)[] | undefined = undefined;
  #endHooks: EndHook[] | undefined = undefined;
  #work: AfterWork[] | undefined = undefined;

  constructor(runtime: StackRuntime, req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean) {
    this.runtime = runtime;
    this.req = req;
    this.res = res;
    this.awaitsContinue = awaitsContinue;
    this.method = req.method ?? 'GET';
    const path = readPath(req);
    this.malformed = path === undefined;
    this.path = path ?? '';
    this.head = new HeadList(runtime);
    runtime.enter();
  }

  get rawUrl(): string {
    return this.req.url ?? '';
  }

  get query(): URLSearchParams {
    if (this.#query === undefined) {
      const start = this.rawUrl.indexOf('?');
      this.#query = new URLSearchParams(start < 0 ? '' : this.rawUrl.slice(start + 1));
    }
    return this.#query;
  }

  get ip(): string {
    if (this.#ip === undefined) {
      const address = this.req.socket.remoteAddress ?? '';
      this.#ip = address.startsWith('::ffff:') ? address.slice(7) : address;
    }
    return this.#ip;
  }

  get id(): string {
    return (this.#id ??= randomUUID());
  }

  set id(id: string) {
    this.#id = id;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  header(name: string): string | undefined {
    const value = this.req.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get status(): number {
    if (this.phase !== 'committed' && this.res.headersSent) return this.res.statusCode;
    if (this.#status !== 0) return this.#status;
    return this.#body === undefined ? 404 : 200;
  }

  set status(status: number) {
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw invalidOption('status', 'a whole number from 200 to 599', status);
    if (!this.#late()) this.#status = status;
  }

  get body(): Body | undefined {
    return this.#body;
  }

  set body(body: Body | undefined) {
    if (this.#late()) discardBody(body);
    else this.#body = body;
  }

  /** Nobody said anything about the reply. */
  get unanswered(): boolean {
    return this.#status === 0 && this.#body === undefined;
  }

  get raw(): RawExchange {
    if (this.#raw === undefined) {
      const { req, res } = this;
      const take = (): void => void (this.takenRaw = true);
      this.#raw = {
        req,
        get res() {
          take();
          return res;
        },
      };
      // Whoever reads the request by hand gets what node does by default.
      this.sendContinue();
    }
    return this.#raw;
  }

  sendContinue(): void {
    if (!this.awaitsContinue || this.phase !== 'open') return;
    this.awaitsContinue = false;
    this.res.writeContinue();
  }

  onHead(run: (head: Head) => void): void {
    (this.#headHooks ??= []).push(run);
  }

  /** Runs each hook once, inner layers first. While an error is being answered, none of them can cause another. */
  runHeadHooks(): void {
    for (let run = this.#headHooks?.pop(); run !== undefined; run = this.#headHooks?.pop()) {
      const hook = run;
      if (this.failed) callHook(this.runtime.logger, 'onHead', () => hook(this.head));
      else hook(this.head);
    }
  }

  onEnd(run: EndHook): void {
    if (this.phase === 'ended') callHook(this.runtime.logger, 'onEnd', () => run(this.#outcome, this.failure));
    else (this.#endHooks ??= []).push(run);
  }

  after(run: (signal: AbortSignal) => unknown, options: AfterOptions = {}): void {
    const work = prepareAfterWork(run, options, () => this.id);
    if (this.phase === 'ended') this.runtime.work.start(work);
    else (this.#work ??= []).push(work);
  }

  /** Why whatever still belongs to this request has to stop; only once it has ended. */
  get endReason(): unknown {
    return this.#abortReason ?? new DOMException('the request has ended', 'AbortError');
  }

  /** The connection has let go of the request. */
  end(): void {
    if (this.phase === 'ended') return;
    this.#outcome = this.#judge();
    this.phase = 'ended';
    this.head.seal();
    if (this.#outcome !== 'finished') this.#abort();
    for (const run of this.#endHooks ?? []) callHook(this.runtime.logger, 'onEnd', () => run(this.#outcome, this.failure));
    for (const work of this.#work ?? []) this.runtime.work.start(work);
    if (this.#handlerDone) this.runtime.leave();
  }

  /** All layers have come back. */
  handlerDone(): void {
    this.#handlerDone = true;
    if (this.phase === 'ended') this.runtime.leave();
  }

  #judge(): Outcome {
    if (this.broken) return 'error';
    return this.delivered || this.res.writableFinished ? 'finished' : 'aborted';
  }

  #abort(): void {
    this.#abortReason =
      (this.broken ? this.failure : this.runtime.forcedReason) ?? new DOMException('the client has left', 'AbortError');
    this.#controller?.abort(this.#abortReason);
  }

  #late(): boolean {
    if (this.phase === 'open') return false;
    this.runtime.lateWrites += 1;
    return true;
  }
}
