import type { Request, Response } from 'express';

/**
 * Waits as long as the client is there. One that has shut its side down may have gone or may still listen,
 * which cannot be told apart: it is answered at once with what holds by then.
 *
 * @param timeoutMs wall milliseconds.
 * @param wait gives `null` when its signal is aborted.
 * @returns `null` when nobody is there any more.
 */
export async function waitForClient<T>(
  request: Request,
  response: Response,
  timeoutMs: number,
  wait: (timeoutMs: number, signal: AbortSignal) => Promise<T | null>,
): Promise<T | null> {
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
  const result = await wait(timeoutMs, leaving.signal);
  return result === null && !gone.signal.aborted ? await wait(0, gone.signal) : result;
}
