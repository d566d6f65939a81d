import type { IncomingMessage } from 'node:http';

/** A header as text, `undefined` where there is none. A repeated one is joined with `, `, so that a second `t` is seen as one. */
export function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
