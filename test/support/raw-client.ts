import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A client that says exactly what it is told to, and no more. `closed`: the other side has closed the connection. */
export function connectRaw(url: string): { socket: Socket; received(): string; closed: Promise<void> } {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  // Being cut off is what some of them are here for.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on('end', () => resolve()).on('close', () => resolve());
  });
  onTestFinished(() => void socket.destroy());
  return { socket, closed, received: () => Buffer.concat(pieces).toString('latin1') };
}

/** The head of a request; `Host` is that of the loopback address. */
export function rawHead(method: string, path: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}
