import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Report } from '../src/reports/report.ts';

/** What a webhook brought. */
export interface Delivery {
  readonly path: string;
  readonly key: string;
  readonly body: string;
  readonly report: Report;
}

/** How the receiver treats the delivery of this number, counted from 1. */
export type Behaviour = (res: ServerResponse, delivery: Delivery, number: number) => void;

const take: Behaviour = (res) => void res.writeHead(204).end();

/** A receiver of webhooks that keeps all that comes. */
export class WebhookReceiver implements AsyncDisposable {
  readonly deliveries: Delivery[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(behave: Behaviour = take): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    // A sender that is killed in the middle of a delivery has not delivered.
    server.on('request', (req, res) => void receiver.#receive(req, res, behave).catch(() => req.destroy()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(req: IncomingMessage, res: ServerResponse, behave: Behaviour): Promise<void> {
    const body = await text(req);
    const key = req.headers['idempotency-key'];
    const delivery = { path: req.url ?? '', key: typeof key === 'string' ? key : '', body, report: JSON.parse(body) as Report };
    this.deliveries.push(delivery);
    behave(res, delivery, this.deliveries.length);
  }
}
