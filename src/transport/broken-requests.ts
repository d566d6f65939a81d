import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import {
  type BrokenRequest,
  describeBroken,
  describeHandshake,
  type ParserError,
} from './describe-broken.ts';

/** Why a body will not come whole: what a request's `broken-body` event says. */
export interface BrokenBody {
  status: number;
  message: string;
}

/** How far what came next is searched for where a body ended: the parser stops inside a word that begins like a method. */
const MOST_READ_AHEAD = 20;

interface Connection {
  request: IncomingMessage;
  response: ServerResponse;
  /** What came behind the request and is none. */
  rest: { bytes: Buffer; parsed: number } | null;
  explained: boolean;
  /** Its body may take as long as it takes. */
  unhurried: boolean;
}

const connections = new WeakMap<object, Connection>();

/**
 * Answers what Node cannot read as a request, and reports it. An answer that is on its way comes first:
 * bytes that follow a request do not overtake what it is answered. Has to be called before the server's own
 * handler is added.
 *
 * @param report called once for each.
 */
export function handleBrokenRequests(server: Server, report: (broken: BrokenRequest) => void): void {
  const reported = new WeakSet<object>();
  server.on('request', (request, response) => {
    connections.set(request.socket, { request, response, rest: null, explained: false, unhurried: false });
  });

  server.on('clientError', (error: ParserError, socket: Socket) => {
    if (reported.has(socket)) return;
    const before = connections.get(socket);
    const isParsed = error.code?.startsWith('HPE_') === true;
    const isTimeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    if (isTimeout && before?.unhurried && !before.request.complete) return;
    if ((!isParsed && !isTimeout) || socket.bytesRead === 0) return void socket.destroy();
    reported.add(socket);
    if (before && !before.response.writableFinished) {
      if (before.request.complete) return endWithAnswer(before, error, socket, report);
      const body = describeBody(before.request, error);
      if (before.request.emit('broken-body', body)) return;
    }
    const broken = { ...describeBroken(error, before !== undefined), ...readLine(error.rawPacket) };
    answerRaw(socket, broken.status);
    report(broken);
  });

  server.on('tlsClientError', (error: ParserError) => {
    const broken = describeHandshake(error);
    if (broken) report(broken);
  });

  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {});
    answerRaw(socket, 405);
    const message = `somebody took this port for a proxy, to reach ${request.url}: look for HTTPS_PROXY or a proxy setting that names it`;
    report({ code: 'not_a_proxy', status: 405, message, method: 'CONNECT', url: request.url ?? '' });
  });
}

/** Lets the body of a request take longer than the server's `requestTimeout`. */
export function takeTimeFor(request: IncomingMessage): void {
  const connection = connections.get(request.socket);
  if (connection?.request === request) connection.unhurried = true;
}

/**
 * Looks whether what came behind a request belongs to its body: a `Content-Length` that is too small leaves
 * the body's end there.
 *
 * @param fits whether these bytes, put behind the body, make it whole.
 * @returns how many bytes are missing; `null` when none came, or they do not fit.
 */
export function findRestOfBody(request: IncomingMessage, fits: (rest: Buffer) => boolean): number | null {
  const connection = connections.get(request.socket);
  if (connection?.request !== request || connection.rest === null) return null;
  const { bytes, parsed } = connection.rest;
  for (let ahead = 0; ahead <= Math.min(MOST_READ_AHEAD, parsed); ahead++) {
    const rest = bytes.subarray(parsed - ahead);
    if (rest.length === 0 || !fits(rest)) continue;
    connection.explained = true;
    return rest.length;
  }
  return null;
}

function endWithAnswer(
  connection: Connection,
  { rawPacket, bytesParsed = 0 }: ParserError,
  socket: Socket,
  report: (broken: BrokenRequest) => void,
): void {
  const { request, response } = connection;
  if (rawPacket) connection.rest = { bytes: rawPacket, parsed: bytesParsed };
  response.shouldKeepAlive = false;
  response.once('finish', () => {
    socket.destroySoon();
    if (connection.explained || !rawPacket) return;
    const length = request.headers['content-length'];
    const message = `bytes that are no HTTP request came behind the body${length === undefined ? '' : `, which ended after the ${length} bytes of its Content-Length`}: count the body's bytes, not its characters`;
    report({
      code: 'bytes_behind_body',
      status: response.statusCode,
      message,
      method: request.method ?? '',
      url: request.url ?? '',
    });
  });
}

function describeBody(request: IncomingMessage, error: ParserError): BrokenBody {
  const length = request.headers['content-length'];
  const whole = length === undefined ? 'the whole body' : `the ${length} bytes that Content-Length announces`;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { status: 408, message: `the sender sent nothing more and waited, before ${whole} had come` };
  if (error.code === 'HPE_INVALID_EOF_STATE')
    return { status: 400, message: `the sender ended the connection before ${whole} had come` };
  return { status: 400, message: `the body's chunks cannot be read (${error.reason ?? error.message})` };
}

/** Method and path, where what was read begins with them. */
function readLine(packet: Buffer | undefined): { method: string; url: string } {
  const line = packet?.toString('latin1', 0, 2000) ?? '';
  const found = /^([A-Za-z]{1,20}) ([!-~\x80-\xff]{1,1000})/.exec(line);
  return found ? { method: found[1]!.toUpperCase(), url: found[2]! } : { method: '', url: '' };
}

function answerRaw(socket: Socket, status: number): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ detail: STATUS_CODES[status] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
