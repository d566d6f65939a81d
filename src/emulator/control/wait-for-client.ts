import type { Request, Response } from 'express';
import { refused } from '../../contract/errors.ts';

/** Requests that wait at once; one more is refused. */
export const MAX_WAITS = 256;

/** Waits for what a client asks about, as long as the client is there. */
export type WaitForClient = <T>(
  request: Request,
  response: Response,
  timeoutMs: number,
  wait: (timeoutMs: number, signal: AbortSignal) => Promise<T | null>,
) => Promise<T | null>;

/**
 * A client that has shut its side down may have gone or may still listen, which cannot be told apart: it is
 * answered at once with what holds by then. Times are wall milliseconds; `wait` gives `null` when its signal is
 * aborted, and so does the whole when nobody is there any more.
 *
 * @throws RefusedError (429) when too many wait.
 */
export function createClientWaits(): WaitForClient {
  let waiting = 0;
  return async (request, response, timeoutMs, wait) => {
    if (waiting >= MAX_WAITS) throw refused('too_many_waits');
    const gone = new AbortController();
    const leaving = new AbortController();
    const onEnd = () => leaving.abort();
    const { socket } = request;
    response.on('close', () => {
      socket.off('end', onEnd);
      gone.abort();
      leaving.abort();
    });
    socket.on('end', onEnd);
    if (socket.readableEnded) onEnd();
    waiting++;
    try {
      const result = await wait(timeoutMs, leaving.signal);
      return result === null && !gone.signal.aborted ? await wait(0, gone.signal) : result;
    } finally {
      waiting--;
    }
  };
}
