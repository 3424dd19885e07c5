import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '../../tools/until.ts';

const HEAD = 'POST /reports HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n';

/** An upload whose every byte is sent by hand, over a connection of its own. */
export class RawUpload {
  readonly #socket: Socket;
  #received = '';
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.#received += text));
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => (this.#closed = true));
  }

  /** Sends the head, with more header lines where given, and the first piece. */
  static async begin(port: number, piece: string, headers = ''): Promise<RawUpload> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    const upload = new RawUpload(socket);
    socket.write(`${HEAD}${headers}\r\n`);
    upload.send(piece);
    return upload;
  }

  get hasReply(): boolean {
    return this.#received !== '';
  }

  get isOver(): boolean {
    return this.#closed;
  }

  /** Sends bytes as they are. */
  sendRaw(text: string): void {
    this.#socket.write(text);
  }

  send(piece: string | Buffer): boolean {
    const bytes = Buffer.from(piece);
    this.#socket.write(`${bytes.length.toString(16)}\r\n`);
    this.#socket.write(bytes);
    return this.#socket.write('\r\n');
  }

  /** Sends pieces at the pace at which they are taken until there are no more, or the reply has come. */
  async stream(pieces: Iterable<Buffer>): Promise<number> {
    let sent = 0;
    for (const piece of pieces) {
      if (this.hasReply || this.#closed) break;
      sent += piece.length;
      if (!this.send(piece)) await until(() => this.hasReply || this.#closed || !this.#socket.writableNeedDrain, { what: 'the service to read on' });
    }
    return sent;
  }

  /** Sends what ends the body. */
  finish(): void {
    this.#socket.write('0\r\n\r\n');
  }

  /** The whole reply, once its body is there. */
  async reply(): Promise<{ status: number; text: string }> {
    const text = await until(() => (/\r\n\r\n[^]+/.test(this.#received) || this.#closed) && (this.#received || 'nothing'), { what: 'a reply' });
    return { status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]), text };
  }

  /** Waits for the connection's end. */
  async end(): Promise<void> {
    this.#socket.end();
    await until(() => this.#closed, { what: 'the end of the connection' });
  }

  leave(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}
