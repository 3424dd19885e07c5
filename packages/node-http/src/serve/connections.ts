import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Knows every connection of a server and which of them have a request under way. */
export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #replies = new Set<ServerResponse>();
  #closing = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Counts a request in until its connection lets go of it. */
  enter(res: ServerResponse): void {
    const { socket } = res.req;
    if (this.#closing) res.shouldKeepAlive = false;
    this.#replies.add(res);
    res.on('close', () => this.#leave(res, socket));
    // Pipelined and waiting for its turn: such a reply does not hear when the connection closes.
    if (res.socket === null) socket.once('close', () => this.#replies.delete(res));
  }

  /** From now on each connection closes after the reply that it is busy with. */
  closeAfterReply(): void {
    this.#closing = true;
    for (const res of this.#replies) res.shouldKeepAlive = false;
  }

  /** Ends the connections without a whole head of a request: idle, half-sent and silent ones. */
  destroyIdle(): void {
    const busy = this.#busy();
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #busy(): Set<Socket> {
    return new Set([...this.#replies].map((res) => res.req.socket));
  }

  #leave(res: ServerResponse, socket: Socket): void {
    this.#replies.delete(res);
    // Its head had promised to keep the connection before anybody knew better.
    if (this.#closing && !socket.destroyed && !this.#busy().has(socket)) socket.destroySoon();
  }
}
