import { clearInterval, setInterval } from 'node:timers';
import type { Request, Response } from 'express';
import type { Journal } from '../journal.ts';

const HEARTBEAT_MS = 15_000;
/** Bytes that may wait for a slow reader; beyond that it is disconnected and comes back. */
const MAX_BUFFERED = 8 * 1024 * 1024;

/** The live feed as server-sent events: `id` is the entry's number, `data` the entry. */
export function serveFeed(journal: Journal) {
  return (request: Request, response: Response): void => {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    response.write(': connected\n\n');
    const unsubscribe = journal.subscribe((entry) => {
      response.write(`id: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`);
      if (response.writableLength > MAX_BUFFERED) response.destroy();
    });
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    request.on('close', () => {
      unsubscribe();
      clearInterval(heartbeat);
    });
  };
}
