import { refused } from '../../contract/errors.ts';
import type { Call } from './call.ts';

/** Requests that wait at once; one more is refused. */
const MAX_WAITS = 256;

/**
 * Waits for what a client asks about, as long as the client is there. One that has shut its side down may have gone or
 * may still listen, which cannot be told apart: it is answered at once with what holds by then. Times are wall
 * milliseconds; `wait` gives `null` when its signal is aborted, and so does the whole when nobody is there any more.
 *
 * @throws RefusedError (429) when too many wait.
 */
export function createClientWaits() {
  let waiting = 0;
  return async <T>(
    { request: { socket }, response, signal: gone }: Pick<Call<'wait'>, 'request' | 'response' | 'signal'>,
    timeoutMs: number,
    wait: (timeoutMs: number, signal: AbortSignal) => Promise<T | null>,
  ): Promise<T | null> => {
    if (waiting >= MAX_WAITS) throw refused('too_many_waits');
    const leaving = new AbortController();
    const leave = () => leaving.abort();
    response.on('close', () => {
      socket.off('end', leave);
      leave();
    });
    socket.on('end', leave);
    if (socket.readableEnded) leave();
    waiting++;
    try {
      const result = await wait(timeoutMs, leaving.signal);
      return result === null && !gone.aborted ? await wait(0, gone) : result;
    } finally {
      waiting--;
    }
  };
}
