import { clearInterval, setInterval } from 'node:timers';
import type { Request, Response } from 'express';
import { toWire } from '../../contract/control/direction.ts';
import type { FeedEntry } from '../../contract/control.ts';
import { gatewayError } from '../../contract/errors.ts';
import { escapeJson } from '../../contract/unsafe-characters.ts';
import { answerError } from '../http/answer.ts';
import type { LiveFeed } from '../live-feed.ts';

const HEARTBEAT_MS = 15_000;
/** Bytes that may wait for a slow reader; beyond that it is disconnected and comes back. */
const MAX_BUFFERED = 2 * 1024 * 1024;
/** Feeds at once; one more is refused. */
const MAX_FEEDS = 64;

/**
 * The live feed as server-sent events: `id` is the entry's number, `data` the entry. Who comes back with
 * `Last-Event-ID` gets what it missed; `event: gap` before it when that is more than is remembered.
 */
export function serveFeed(liveFeed: LiveFeed) {
  let open = 0;
  let written: FeedEntry | undefined;
  let text = '';
  /** Once for all: the same text waits at every slow reader. */
  const format = (entry: FeedEntry) => {
    if (written !== entry) text = formatEntry(entry);
    written = entry;
    return text;
  };
  return (request: Request, response: Response): void => {
    if (open >= MAX_FEEDS) {
      answerError(response, gatewayError('too_many_feeds'));
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    // Express answers HEAD with the routes of GET.
    if (request.method === 'HEAD') return void response.end();
    open++;
    response.write(': connected\n\n');
    const send = (entry: FeedEntry) => {
      response.write(format(entry));
      if (response.writableLength > MAX_BUFFERED) response.destroy();
    };
    const following = liveFeed.follow(lastEventId(request), send);
    // Also without a gap the client learns where it stands: it can be cut off before the first entry.
    const missed = following.missed.map(formatEntry).join('');
    // More than may wait at once would cut it off again and again: the log has it all.
    const tooMuch = missed.length > MAX_BUFFERED;
    const gap = following.gap || tooMuch;
    const startsAfter = tooMuch ? following.missed.at(-1)!.seq : following.startsAfter;
    response.write(`event: ${gap ? 'gap' : 'hello'}\nid: ${startsAfter}\ndata: {}\n\n`);
    if (!tooMuch) response.write(missed);
    const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    // Nobody reads a feed for ever through a connection that is half closed: the client is gone.
    const onEnd = () => void response.destroy();
    request.socket.on('end', onEnd);
    response.on('close', () => {
      request.socket.off('end', onEnd);
      following.stop();
      clearInterval(heartbeat);
      open--;
    });
  };
}

function formatEntry(entry: FeedEntry): string {
  return `id: ${entry.seq}\ndata: ${escapeJson(JSON.stringify(toWire(entry)))}\n\n`;
}

function lastEventId(request: Request): number | null {
  const text = request.headers['last-event-id'];
  if (typeof text !== 'string' || text === '') return null;
  const id = Number(text);
  // One that is not ours is older than everything we remember.
  return Number.isSafeInteger(id) ? id : 0;
}
