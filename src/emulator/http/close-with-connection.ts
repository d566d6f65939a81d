import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const open = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Has a response emit `close` when its connection closes while the response still waits for others on it, as those of
 * pipelined requests do: Node tells only the one that is being sent, and whoever waits for the others waits for ever.
 */
export function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const responses = open.get(socket) ?? new Set();
  if (!open.has(socket)) {
    open.set(socket, responses);
    socket.once('close', () => {
      // Node closes the one that has the socket.
      for (const one of responses) if (one.socket === null) one.emit('close');
    });
  }
  responses.add(response);
  response.once('close', () => responses.delete(response));
}
