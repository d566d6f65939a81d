import { StringDecoder } from 'node:string_decoder';

export interface ServerEvent {
  /** The last `id:` seen so far, as server-sent events define it; empty when there was none. */
  id: string;
  /** `event:`, or `message` when there was none. */
  event: string;
  data: string;
}

/** Longest event that is kept, in characters: a server that never ends one must not fill memory. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * Reads `text/event-stream` from chunks of bytes that may end anywhere, also inside a character.
 *
 * @returns a function that takes a chunk and returns the events that it completed.
 * @throws RangeError (from that function) for an event longer than 16 Mi characters.
 */
export function createEventStreamParser(): (chunk: Uint8Array) => ServerEvent[] {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let id = '';
  let data: string[] = [];
  let held = 0;
  let event = '';

  const readLine = (line: string, done: ServerEvent[]) => {
    if (line === '') {
      if (data.length > 0) done.push({ id, event: event || 'message', data: data.join('\n') });
      data = [];
      held = 0;
      event = '';
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment, which servers send to keep the connection open
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      data.push(value);
      // Of the whole line: empty ones take room too.
      held += line.length + 1;
    }
    if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  return (chunk) => {
    rest += decoder.write(Buffer.from(chunk));
    const done: ServerEvent[] = [];
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) readLine(line.endsWith('\r') ? line.slice(0, -1) : line, done);
    if (held + rest.length > MAX_EVENT_LENGTH) throw new RangeError('an event of the feed is too long');
    return done;
  };
}
