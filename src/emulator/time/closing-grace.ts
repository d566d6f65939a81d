/** How long receivers that may take for ever are waited for, in milliseconds. */
export const UNBOUNDED_GRACE_MS = 2000;
/** How long a stop, reset or restore waits for clients, to send the rest of a request or to read an answer. */
export const CLIENT_GRACE_MS = 2000;
/** Allowed beyond the receivers' timeout for writing down; a full disk must not hold a stop for ever. */
const RECORD_GRACE_MS = 3000;

/** How long a stop waits for attempts in flight. @param receiverTimeoutMs `null` when there is no limit. */
export function closingGrace(receiverTimeoutMs: number | null): number {
  return receiverTimeoutMs === null ? UNBOUNDED_GRACE_MS : receiverTimeoutMs + RECORD_GRACE_MS;
}
