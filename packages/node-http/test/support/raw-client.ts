import { type Socket, connect } from 'node:net';
import { until } from './until.ts';

/** A client that says exactly what it is told to and keeps what it hears. */
export class RawClient {
  readonly socket: Socket;
  received = '';
  ended = false;
  closed = false;
  error: Error | undefined;

  constructor(port: number, text?: string) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => (this.received += text));
    this.socket.on('end', () => {
      this.ended = true;
      this.socket.end();
    });
    this.socket.on('error', (error) => (this.error = error));
    this.socket.on('close', () => (this.closed = true));
    if (text !== undefined) this.send(text);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until the reply so far matches. */
  async hears(pattern: string | RegExp): Promise<void> {
    await until(() => (typeof pattern === 'string' ? this.received.includes(pattern) : pattern.test(this.received)), () => `${String(pattern)} in ${JSON.stringify(this.received.slice(0, 500))}`);
  }

  /** Everything up to the end of the connection. */
  async whole(): Promise<string> {
    await until(() => this.closed, () => `the end of the connection after ${JSON.stringify(this.received.slice(0, 500))}`);
    return this.received;
  }

  leave(): void {
    this.socket.destroy();
  }

  /** Leaves with a TCP reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** A request without a body on a connection of its own. */
export function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
}

export function post(path: string, body: string, headers = ''): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}
