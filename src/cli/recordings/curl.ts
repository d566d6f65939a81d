import type { Exchange, Header } from './exchange.ts';

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/[0-9.]+$/;
const STATUS_LINE = /^HTTP\/[0-9.]+ ([0-9]{3})\b/;

/**
 * The requests in what `curl -v` printed: what it sends as lines that begin with `> `, the answer's head with `< `, and
 * between them, as it came, the answer's body. Empty where there is no request.
 */
export function exchangesOfCurl(text: string): Exchange[] {
  const found: (Exchange & { lines: string[] })[] = [];
  // What curl says of the connection follows a body without a line break.
  for (const line of text.replace(/(?<!^)\* Connection #/gm, '\n* Connection #').split(/\r?\n/)) {
    const current = found.at(-1);
    const sent = /^> ?(.*)$/.exec(line)?.[1];
    const got = /^< ?(.*)$/.exec(line)?.[1];
    const request = sent === undefined ? null : REQUEST_LINE.exec(sent);
    if (request) {
      const place = `request ${found.length + 1}`;
      const [, method, url] = request;
      found.push({
        place,
        method: method!,
        url: url!,
        headers: [],
        body: null,
        at: null,
        answer: null,
        lines: [],
      });
    } else if (sent !== undefined) {
      addHeader(current?.headers, sent);
    } else if (got !== undefined) {
      const status = STATUS_LINE.exec(got)?.[1];
      if (current && status) current.answer = { status: Number(status), headers: [], body: null };
      else addHeader(current?.answer?.headers, got);
    } else if (current?.answer && !/^(?:\*|[{}] \[)/.test(line)) current.lines.push(line);
  }
  return found.map(({ lines, ...one }) => {
    const body = lines.join('\n').trim();
    return one.answer && body !== '' ? { ...one, answer: { ...one.answer, body: Buffer.from(body) } } : one;
  });
}

function addHeader(headers: Header[] | undefined, line: string): void {
  const colon = line.indexOf(':');
  if (colon > 0) headers?.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
}
