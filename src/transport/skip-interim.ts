import type { Socket } from 'node:net';

/** Longest interim answer; one that is longer is left to the parser, which refuses it. */
const MAX_HEAD_BYTES = 16 * 1024;
const HEAD_END = '\r\n\r\n';
/** Every 1xx but 101, which is no interim answer: after it, it is no longer HTTP. */
const INTERIM = /^HTTP\/1\.[01] 1(?!01)\d\d[ \r]/;
const SAMPLE = 'HTTP/1.1 100 ';
const PREFIX_BYTES = SAMPLE.length;
const NOTHING = Buffer.alloc(0);

/**
 * Leaves interim answers out of what a socket reads. A client must be able to parse them (RFC 9110, section 15.2), and undici
 * takes `100 Continue` for the end of the connection.
 *
 * @returns `beginAnew` to be called before the next request on this socket, whose answer begins anew; `hasRead` says
 *   whether anything of the answer to the present one came, interim answers included.
 */
export function skipInterim(socket: Socket): { beginAnew(): void; hasRead(): boolean } {
  const read = socket.read.bind(socket);
  let atStart = true;
  let hasRead = false;
  let held: Buffer = NOTHING;
  socket.read = () => {
    while (true) {
      const chunk = read() as Buffer | null;
      if (chunk !== null) hasRead = true;
      if (chunk === null || !atStart) return chunk;
      // The end of a head can lie across two pieces.
      let searched = Math.max(0, held.length - HEAD_END.length + 1);
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (INTERIM.test(held.toString('latin1', 0, PREFIX_BYTES))) {
        const end = held.indexOf(HEAD_END, searched);
        if (end < 0) break;
        held = held.subarray(end + HEAD_END.length);
        searched = 0;
      }
      if (mayBeInterim(held)) continue;
      atStart = false;
      const rest = held;
      held = NOTHING;
      return rest;
    }
  };
  return {
    beginAnew() {
      atStart = true;
      hasRead = false;
    },
    hasRead: () => hasRead,
  };
}

/** Whether more has to come before it is known. */
function mayBeInterim(held: Buffer): boolean {
  if (held.length >= MAX_HEAD_BYTES) return false;
  const prefix = held.toString('latin1', 0, PREFIX_BYTES);
  return INTERIM.test(prefix + SAMPLE.slice(prefix.length));
}
