import { request as httpRequest } from 'node:http';
import { readAnswer, routeOf, schemaOf } from '../../src/contract/control/routes.ts';
import {
  CALL_NAMES,
  type CallName,
  CONTROL_CALLS,
  CONTROL_PREFIX,
  FeedEntry,
} from '../../src/contract/control.ts';
import { serveHttp } from './receiver.ts';

/** What moves a cursor, colours, begins a command of a terminal, turns text round, hides it, or ends a line. */
export const HOSTILE = '\x1b[31m\x07\x9b2J\u202egnol\u2066\u200b\u2028\ufeff\x85\x08';

/** Of what a terminal obeys or does not show, said apart from `src`. */
const OBEYED =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]/u;

/** The first character that must not be there, with what stands around it; `null` where all is well. */
export function findObeyed(bytes: Buffer | string): string | null {
  const text = bytes.toString();
  const found = OBEYED.exec(text);
  return found && JSON.stringify(text.slice(Math.max(0, found.index - 200), found.index + 40));
}

/**
 * A gateway whose every text is hostile, as far as its schema allows that; what comes back from a command is made
 * harmless again, so that ids lead somewhere.
 */
export async function startHostileProxy(to: string): Promise<string> {
  const { url } = await serveHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const path = cleanse(decodeURI(request.url!.replaceAll('%2F', '%252F')));
      const body = Buffer.from(cleanse(Buffer.concat(chunks).toString('latin1')), 'latin1');
      const headers = { ...request.headers, 'content-length': String(body.length) };
      delete headers['transfer-encoding'];
      const call = callOf(request.method!, request.url!);
      const passed = httpRequest(
        to,
        { method: request.method, path: encodeURI(path).replaceAll('%252F', '%2F'), headers },
        (answer) => {
          const isFeed = call === 'feed';
          const isJson = /json/.test(answer.headers['content-type'] ?? '');
          const { 'content-length': _, ...rest } = answer.headers;
          response.writeHead(answer.statusCode!, isFeed || isJson ? rest : answer.headers);
          if (isFeed) answer.on('data', (chunk) => response.write(spoilFeed(String(chunk))));
          else if (isJson) {
            const parts: Buffer[] = [];
            answer.on('data', (chunk) => parts.push(chunk));
            answer.on('end', () =>
              response.end(spoil(call, answer.statusCode!, Buffer.concat(parts).toString())),
            );
            return;
          } else answer.pipe(response, { end: false });
          answer.on('end', () => response.end());
        },
      );
      passed.on('error', () => response.destroy());
      response.on('close', () => passed.destroy());
      passed.end(body);
    });
  });
  return url;
}

const SPELLINGS = [
  HOSTILE,
  JSON.stringify(HOSTILE).slice(1, -1),
  Buffer.from(HOSTILE).toString('latin1'),
  Buffer.from(JSON.stringify(HOSTILE).slice(1, -1)).toString('latin1'),
];

function cleanse(text: string): string {
  return SPELLINGS.reduce((rest, spelling) => rest.replaceAll(spelling, ''), text);
}

function callOf(method: string, url: string): CallName | null {
  const path = url.split('?')[0]!;
  const fits = (name: CallName) => {
    const call = CONTROL_CALLS[name];
    const pattern = `^${CONTROL_PREFIX}${call.path.replace(/\{\w+\}/g, '[^/]+')}$`;
    return call.method.toUpperCase() === method && new RegExp(pattern).test(path);
  };
  return CALL_NAMES.find(fits) ?? null;
}

function spoil(call: CallName | null, status: number, text: string): string {
  const answer = call === null ? undefined : routeOf(call).answer;
  const isFree = status > 299 || answer === undefined;
  const takes = (one: unknown) => isFree || readAnswer(schemaOf(answer), one).ok;
  return spoilTexts(text, takes, isFree ? 'free' : call!);
}

function spoilFeed(text: string): string {
  return text.replace(/^data: (\{.+\})$/gm, (_line, json) => {
    const takes = (one: unknown) => readAnswer(FeedEntry, one).ok;
    // What an entry is shows in its fields.
    return `data: ${spoilTexts(json, takes, `feed ${Object.keys(JSON.parse(json))}`)}`;
  });
}

/** Whether a text may be hostile, by its answer and its place in it: what was found out is not found out again. */
const found = new Map<string, boolean>();

/** JSON with hostile characters behind every text in it, where the whole is still taken. */
function spoilTexts(json: string, takes: (value: unknown) => boolean, answer: string): string {
  const spoilWith = (known: Map<string, boolean>): unknown => {
    const root: unknown = JSON.parse(json);
    const visit = (holder: Record<string, unknown>, path: string) => {
      for (const [key, value] of Object.entries(holder)) {
        const at = `${path}.${Array.isArray(holder) ? '' : key}`;
        if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>, at);
        if (typeof value !== 'string' || key === 'gateway_id' || key === 'encoding') continue;
        if (known.get(at) === false) continue;
        holder[key] = value + HOSTILE;
        if (known.has(at)) continue;
        known.set(at, takes(root));
        if (!known.get(at)) holder[key] = value;
      }
    };
    if (typeof root === 'object' && root !== null) visit(root as Record<string, unknown>, answer);
    return root;
  };
  const root = spoilWith(found);
  return JSON.stringify(takes(root) ? root : spoilWith(new Map()));
}
