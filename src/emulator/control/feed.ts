import { clearInterval, setInterval } from 'node:timers';
import type { Request, Response } from 'express';
import type { FeedEntry } from '../../contract/control.ts';
import type { Journal } from '../journal.ts';

const HEARTBEAT_MS = 15_000;
/** Bytes that may wait for a slow reader; beyond that it is disconnected and comes back. */
const MAX_BUFFERED = 8 * 1024 * 1024;

/**
 * The live feed as server-sent events: `id` is the entry's number, `data` the entry. Who comes back with
 * `Last-Event-ID` gets what it missed; `event: gap` before it when that is more than is remembered.
 */
export function serveFeed(journal: Journal) {
  return (request: Request, response: Response): void => {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    response.write(': connected\n\n');
    const send = (entry: FeedEntry) => {
      response.write(`id: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`);
      if (response.writableLength > MAX_BUFFERED) response.destroy();
    };
    const following = journal.follow(lastEventId(request), send);
    // Also without a gap the client learns where it stands: it can be cut off before the first entry.
    response.write(`event: ${following.gap ? 'gap' : 'hello'}\nid: ${following.startsAfter}\ndata: {}\n\n`);
    for (const entry of following.missed) send(entry);
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    // Nobody reads a feed for ever through a connection that is half closed: the client is gone.
    const onEnd = () => void response.destroy();
    request.socket.on('end', onEnd);
    response.on('close', () => {
      request.socket.off('end', onEnd);
      following.stop();
      clearInterval(heartbeat);
    });
  };
}

function lastEventId(request: Request): number | null {
  const text = request.headers['last-event-id'];
  if (typeof text !== 'string' || text === '') return null;
  const id = Number(text);
  // One that is not ours is older than everything we remember.
  return Number.isSafeInteger(id) ? id : 0;
}
