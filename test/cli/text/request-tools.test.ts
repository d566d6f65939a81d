import { expect, test } from 'vitest';
import { readRecordedRequest } from '../../../src/cli/signatures/request-file.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { pythonSignature } from '../../support/python-signature.ts';

const body = `{"event":"candidate.created","name":"Zo\u00eb \\"Z\\" O'Neil {x}","data":{"score":1.0}}`;
const signature = pythonSignature(Buffer.from(body), 's', 1_768_472_880);
const VERIFY = ['verify', '--request', 'r', '--secret', 's', '--tolerance', 'off'];
const headers = { host: 'x', 'x-webhook-signature': signature };
const length = Buffer.byteLength(body);
const head = `POST /hook HTTP/1.1\nHost: x\nX-Webhook-Signature: ${signature}\n`;
const answer =
  'HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{"detail":"Invalid signature"}\n';
const base64 = Buffer.from(body).toString('base64');
const quoted = JSON.stringify(body);
const raw = Buffer.from(`${head.replaceAll('\n', '\r\n')}Content-Length: ${length}\r\n\r\n${body}`);
const inShell = `'${body.replaceAll("'", `'\\''`)}'`;
const curl = `> ${head.trim().replaceAll('\n', '\n> ')}\n`;

/** Rows of sixteen bytes each, as `curl --trace` prints them. */
const trace = raw.reduce((text, byte, at) => {
  const row = at % 16 === 0 ? `${at === 0 ? '' : '\n'}${at.toString(16).padStart(4, '0')}: ` : '';
  return `${text}${row}${byte.toString(16).padStart(2, '0')} `;
}, '');

test.each<[string, string | object]>([
  ['HTTPie -v', `${head}Content-Length: ${length}\n\n${body}\n\n\n${answer}`],
  ['a request without a length, and its answer', `${head}\n${body}\n\n${answer}`],
  [
    'tcpdump -A',
    `IP a > b: length 9\nE..@....POST / HTTP/1.1\n${head.split('\n').slice(1).join('\n')}Content-Length: ${length}\n\n${body}\n10:28 IP b > a\n${answer}`,
  ],
  [
    'wget -d',
    `Created socket 3.\n---request begin---\n${head}Content-Length: ${length}\n\n---request end---\n[BODY data: ${body}]\n---response begin---\n${answer}`,
  ],
  [
    'curl --trace',
    `== Info: Trying\n=> Send header, ${raw.length} bytes\n${trace}\n<= Recv header, 12 bytes\n0000: 48 54 `,
  ],
  ["Insomnia's timeline", `* Trying\n\n${curl}\n| ${body}\n\n* sent\n< HTTP/1.1 401\n\n{"event":"x"}`],
  [
    'curl -v below its command',
    `$ curl -v --data-raw ${inShell} http://x\n${curl}>\n< HTTP/1.1 401\n<\n{"event":"x"}`,
  ],
  ['a curl command', `curl http://x -H 'X-Webhook-Signature: ${signature}' --data-raw ${inShell}`],
  [
    'chunks whose line ends became LF',
    `${head}Transfer-Encoding: chunked\n\n${length.toString(16)}\n${body}\n0\n\n`,
  ],
  [
    'fetch as a browser copies it',
    `fetch("http://x", {\n "headers": ${JSON.stringify(headers)},\n "body": ${quoted} });`,
  ],
  [
    "Postman's console",
    `POST http://x: ${JSON.stringify({ 'Request Headers': headers, 'Request Body': body, 'Response Body': '{"detail":"no"}' }, null, 2)}`,
  ],
  [
    'an event in CloudWatch',
    `2026-01-15T10:28:00Z INFO ${JSON.stringify({ headers, body, isBase64Encoded: false })}`,
  ],
  [
    "Laravel's log",
    `local.DEBUG: hook ${JSON.stringify({ headers, content: body }).replaceAll('/', '\\/')} \n`,
  ],
  [
    'a log of several lines with the answer',
    `headers=${JSON.stringify(headers)}\nbody=${body}\nanswered 401 {"detail":"Invalid signature, or a longer text than the body has, and more of it than that"}\n`,
  ],
  ["nginx's log with escape=json", { time: 'x', signature, request_body: body }],
  ["docker's json-file", { log: `sig=${signature} body=${body}\n`, stream: 'stdout' }],
  ['ngrok', { requests: [{ request: { headers, raw: raw.toString('base64') }, response: { raw: '' } }] }],
  [
    'webhook.site',
    { data: [{ method: 'POST', content: body, headers: { 'x-webhook-signature': [signature] } }] },
  ],
  ['Azure Functions', { Data: { req: { Headers: { 'X-Webhook-Signature': [signature] }, Body: body } } }],
  ['Vercel', { headers, body: base64, encoding: 'base64' }],
  ['WireMock', { requests: [{ request: { headers, body: 'x', bodyAsBase64: base64 } }] }],
  ['Pipedream', { headers, bodyRaw: body, body: JSON.parse(body) }],
  ['a Buffer', { headers, rawBody: Buffer.from(body) }],
  ['Node, whose raw headers are a list', { rawHeaders: Object.entries(headers).flat(), body }],
  ["PHP's $_SERVER", { HTTP_X_WEBHOOK_SIGNATURE: signature, body }],
])('the body that was sent is found: %s', (_name, written) => {
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  const found = readRecordedRequest(Buffer.from(text), 'r');
  expect([found.signature, found.body?.toString()]).toEqual([signature, body]);
});

const lines = `{"event":"meeting.notes_ready",\r\n "note":"Zo\u00eb's! \\u00e9\\n","data":{}}`;
const ansi = lines.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
test.each([
  ["Python's bytes", `b"${ansi.replaceAll("\\'", "'").replaceAll('\u00eb', '\\xc3\\xab')}"`],
  ['JSON.stringify', JSON.stringify(lines)],
  ['json.dumps', JSON.stringify(lines).replaceAll('\u00eb', '\\u00eb')],
  ['a curl command of a browser', `--data-raw $'${ansi.replaceAll('!', '\\u0021')}'`],
])('a body of several lines is found in the quotes of a language: %s', async (_name, written) => {
  const signed = pythonSignature(Buffer.from(lines), 's', 1_768_472_880);
  const cwd = tempFolder({ r: `sig=${signed} body=${written}\n` });
  const { code, stdout } = await runCli(VERIFY, { cwd });
  expect([code, stdout]).toEqual([0, expect.stringContaining('valid')]);
});

test.each([
  ['that is no event', '{"a":1}', (body: string) => `body=${body} answered {"status":"received"}`],
  ['that ends with a line break', `${lines}\r\n`, (body: string) => `body=${body}\nanswered 200\n`],
])('the signature tells a body in a log %s', async (_name, sent, write) => {
  const cwd = tempFolder({
    r: `sig=${pythonSignature(Buffer.from(sent), 's', 1_768_472_880)} ${write(sent)}`,
  });
  expect((await runCli(VERIFY, { cwd })).code).toBe(0);
});

test('without a body that can be read, verify asks for it: what was answered explains no signature', async () => {
  const cwd = tempFolder({ r: `sig=${signature} answered {"status":"received"}\n` });
  const { code, stderr } = await runCli(VERIFY, { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('next: give it as a file')]);
});

test('a header that is there twice is no choice between two signatures', async () => {
  const other = `X-Webhook-Signature: ${signature.replace(/..$/, '00')}`;
  const cwd = tempFolder({ r: `${head}${other}\nContent-Length: ${length}\n\n${body}` });
  const { code, stdout, stderr } = await runCli(VERIFY, { cwd });
  expect([code, stderr]).toEqual([3, '']);
  expect(stdout).toContain('The header has t and v1 more than once: ');
});

const parsed = { headers, body: JSON.parse(body), answer: { detail: 'x' } };
test.each([
  ['a body that was parsed', JSON.stringify(parsed)],
  ['a body that was parsed, in a line', `INFO ${JSON.stringify(parsed)}\n{"detail":"Invalid signature"}`],
  ['a head alone', `${head}Content-Length: ${length}\n\n`],
  [
    'curl --trace-ascii',
    `=> Send header, 9 bytes\n0000: POST /hook HTTP/1.1\n0015: X-Webhook-Signature: ${signature.slice(0, 43)}\n0055: ${signature.slice(43)}\n0090: Content-Length: 9\n00a9: \n=> Send data, 9 bytes\n0000: {"event":"Zo.."}.\n<= Recv data, 9 bytes\n0000: 15\n{"event":"x"}`,
  ],
  ['an answer in a log', `INFO sig=${signature} answered {"status":"received"}`],
  ['a part of a body in a log', `1 sig=${signature} body={"event":"x",\n2 "data":{}}`],
  [
    'wget -d with a file',
    `---request begin---\n${head}\n---request end---\n[writing BODY file b ... done]\n---response begin---\n${answer}{"event":"x"}`,
  ],
])('no body is made up: %s', (_name, text) => {
  expect(readRecordedRequest(Buffer.from(text), 'r')).toMatchObject({ signature, body: null });
});

test('a line break that an editor added, where no length tells, is not judged; nor is the age, where the time is known', async () => {
  const event = { headers, body, isBase64Encoded: false, requestContext: { timeEpoch: 1_768_472_890_123 } };
  const cwd = tempFolder({
    edited: `${head}\n${body}\n\n`,
    'event.json': JSON.stringify(event),
    both: `sig=${signature} body=${body}\nsig=${signature.replace(/..$/, '00')} body=${body}\n`,
  });
  const run = (file: string, ...flags: string[]) =>
    runCli(['verify', '--request', file, '--secret', 's', ...flags], { cwd });
  expect((await run('edited', '--tolerance', 'off')).code).toBe(0);
  expect(await run('event.json')).toMatchObject({ code: 0, stdout: expect.stringContaining('10s old') });
  const { code, stderr } = await run('both', '--tolerance', 'off');
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('both: there are 2 signatures in it; the first is judged'),
  ]);
});

test.each([
  ['raw HTTP', `${head.replace('Webhook', 'Carv')}Content-Length: ${length}\n\n${body}`],
  ['curl -v', `${curl.replace('Webhook', 'Carv')}>\n< HTTP/1.1 401\n`],
])('%s: a header of another name is named as the one that stands in its place', async (_name, text) => {
  const cwd = tempFolder({ r: text, b: body });
  const { code, stderr } = await runCli(['verify', 'b', '--request', 'r', '--secret', 's'], { cwd });
  const what = 'r: there is no X-Webhook-Signature, but there is X-Carv-Signature: the name must be exactly';
  expect([code, stderr]).toEqual([3, expect.stringContaining(what)]);
});

test.each([
  ['raw HTTP', `${head.replace('Webhook', 'Carv')}Content-Length: ${length}\n\n${body}`],
  ['curl -v', `${curl.replace('Webhook', 'Carv')}>\n< HTTP/1.1 401\n`],
  [
    'an event of Lambda',
    JSON.stringify({ headers: { 'x-carv-signature': signature }, body, isBase64Encoded: false }),
  ],
  ['a log', `INFO {"x-carv-signature": "${signature}"} ${body}`],
  ['tcpdump', `length 9\nE..@POST / HTTP/1.1\nX-Carv-Signature: ${signature}\n\n${body}\n`],
])('a signature in a header of another name is none: %s', (_name, text) => {
  expect(readRecordedRequest(Buffer.from(text), 'r').signature).toBeNull();
});
