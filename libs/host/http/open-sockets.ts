import type { Server, Socket } from 'node:net';

/**
 * The connections of a server, also those that have not said a word yet or are still shaking hands: an HTTP server itself does
 * not know these, and closes only once they are gone.
 */
export class OpenSockets {
  private readonly sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  destroy(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
