/**
 * A signal that is aborted with another, until it is let go. For what `AbortSignal.any` is made from beside a signal
 * that lives as long as the process: of each such combination Node leaves something with it.
 */
export function followSignal(followed: AbortSignal): { signal: AbortSignal; letGo(): void } {
  const own = new AbortController();
  const abort = () => own.abort(followed.reason);
  followed.addEventListener('abort', abort, { once: true });
  if (followed.aborted) abort();
  return { signal: own.signal, letGo: () => followed.removeEventListener('abort', abort) };
}
