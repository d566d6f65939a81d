import { createHmac } from 'node:crypto';
import { mutateJson } from './mutate-json.mjs';

const EVENT = {
  event: 'candidate.created',
  event_id: 'evt-fuzz',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  candidate_id: 'cand-fuzz',
  first_name: 'Jane',
  last_name: 'Smith',
  email: 'jane@example.com',
};
const WORKSPACE = { client_id: 'w', name: 'W', admin_name: 'A', admin_email: 'a@b.example' };
const FORM = (file) =>
  Buffer.from(
    `--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n${file}\r\n--b--\r\n`,
  );
const NAMES = [
  'c-1',
  '%2e%2e',
  '%00',
  '%ff',
  '__proto__',
  'x'.repeat(400),
  '%0d%0aX:1',
  ' ',
  '..',
  '%F0%9F%98%80',
];
const HEADERS = [
  'Content-Length: -1',
  'Content-Length: 5',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Encoding: gzip',
  'Content-Type: text/plain; charset=utf-7',
  'Content-Type: multipart/form-data',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Host: other.example',
  'Origin: http://evil.example',
  'X-Webhook-Signature: t=1,v1=00',
  'X-ATS-Client-ID: __proto__',
  'Idempotency-Key: __proto__',
  `X-Long: ${'x'.repeat(20_000)}`,
  'X Space: 1',
  ': nothing',
  'X-Ctl: \u0001\u0080',
];
const BODIES = [
  '',
  'null',
  '0',
  '"x"',
  '[]',
  '{}',
  '[',
  '\ufeff{}',
  '{"a":1e999}',
  '{"__proto__":{"a":1}}',
  '\u0000',
];

/** One raw request, right or wrong. `parts` are written one after the other. */
export function makeRequest(choices, token) {
  const kind = choices.pick([webhook, webhook, rest, rest, upload, control, read]);
  const request = kind(choices, token);
  if (choices.chance(0.2)) request.headers.push(choices.pick(HEADERS));
  if (choices.chance(0.05)) request.headers.splice(choices.below(request.headers.length), 1);
  if (choices.chance(0.03))
    request.method = choices.pick(['HEAD', 'OPTIONS', 'TRACE', 'get', 'PUT', 'X', '']);
  const version = choices.chance(0.02) ? choices.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP', '']) : 'HTTP/1.1';
  const head = [`${request.method} ${request.path} ${version}`, ...request.headers, 'Connection: close'];
  let bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), request.body]);
  if (choices.chance(0.1)) bytes = bytes.subarray(0, choices.below(bytes.length));
  if (choices.chance(0.1)) flip(bytes, choices);
  const cut = choices.below(bytes.length + 1);
  const parts = choices.chance(0.1) ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes];
  return { label: `${request.method} ${request.path}`.slice(0, 120), parts };
}

function makeBody(value, choices) {
  const act = choices.below(10);
  if (act < 3) return Buffer.from(JSON.stringify(value));
  if (act < 8) return Buffer.from(JSON.stringify(mutateJson(value, choices)) ?? 'null');
  if (act === 8) return Buffer.from(choices.pick(BODIES));
  const bytes = Buffer.from(JSON.stringify(value));
  flip(bytes, choices);
  return bytes;
}

function flip(bytes, choices) {
  for (let times = 1 + choices.below(3); times > 0 && bytes.length > 0; times--)
    bytes[choices.below(bytes.length)] = choices.below(256);
}

function withBody(method, path, headers, body) {
  const length = `Content-Length: ${body.length}`;
  return { method, path, headers: ['Host: 127.0.0.1', ...headers, length], body };
}

function webhook(choices) {
  const body = makeBody({ ...EVENT, event_id: `evt-${choices.below(1e9)}` }, choices);
  const t = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', 'demo-incoming-secret').update(`${t}.`).update(body).digest('hex');
  const ats = choices.chance(0.95) ? 'demo-ats' : choices.pick(NAMES);
  const headers = ['Content-Type: application/json', `X-Webhook-Signature: t=${t},v1=${signature}`];
  return withBody('POST', `/v1/webhooks/${ats}`, headers, body);
}

const OF_ATS = ['X-API-Key: demo-api-key', 'X-ATS-Client-ID: acme-corp', 'X-ATS-User-ID: admin-user'];

function rest(choices) {
  const name = choices.pick(NAMES);
  const [method, path] = choices.pick([
    ['POST', '/v1/candidates'],
    ['PATCH', `/v1/candidates/${name}`],
    ['POST', '/v1/vacancies'],
    ['PATCH', `/v1/vacancies/${name}`],
    ['POST', '/v1/applications'],
    ['DELETE', `/v1/applications/${name}`],
    ['POST', '/v1/workspaces'],
    ['POST', `/v1/workspaces/${name}/members`],
  ]);
  const body = makeBody(path.includes('workspaces') ? WORKSPACE : EVENT, choices);
  return withBody(method, path, [...OF_ATS, 'Content-Type: application/json'], body);
}

function upload(choices) {
  const body = FORM(
    choices.pick(['%PDF-1.4 x', 'PK\u0003\u0004', '\u00d0\u00cf\u0011\u00e0', '', 'x'.repeat(5000)]),
  );
  if (choices.chance(0.5)) flip(body, choices);
  return withBody('POST', '/uploads', [...OF_ATS, 'Content-Type: multipart/form-data; boundary=b'], body);
}

function read(choices) {
  const path = choices.pick([
    '/',
    '/healthz',
    '/readyz',
    '/openapi.json',
    '//',
    '/v1',
    '*',
    'http://x/',
    '/%',
    '/?%ff=%',
  ]);
  const named = `/v1/${choices.pick(['candidates', 'vacancies', 'applications'])}/${choices.pick(NAMES)}`;
  return withBody('GET', choices.chance(0.5) ? path : named, OF_ATS, Buffer.alloc(0));
}

function control(choices, token) {
  const name = choices.pick(NAMES);
  const [method, path, value] = choices.pick([
    ['GET', `/log?limit=${choices.pick(['5', '-1', 'x', '1e9'])}&cursor=${name}`],
    ['GET', `/deliveries/${name}`],
    ['GET', `/log/${name}/${choices.pick(['1', '-1', 'x', '9'.repeat(30)])}`],
    ['GET', `/references/${name}`],
    ['GET', `/belongings/${name}`],
    ['GET', '/status'],
    ['GET', `/jobs?state=${name}`],
    ['GET', `/audit?cursor=${name}`],
    ['GET', '/assumptions?all=1'],
    ['POST', '/deliveries/lookup', { ids: ['dlv_1'] }],
    ['POST', `/deliveries/${name}/replay`, { original: false }],
    ['POST', '/replays', { ids: ['dlv_1'], dry_run: true }],
    ['POST', '/clock/advance', { ms: 1 }],
    ['POST', '/clock/speed', { speed: 60 }],
    ['POST', '/workspaces', WORKSPACE],
    ['POST', '/meetings', { client_id: 'acme-corp', candidate_id: 'cand-fuzz' }],
    ['POST', `/jobs/${name}/rerun`, {}],
    ['PUT', '/snapshot', EVENT],
  ]);
  const body = value === undefined ? Buffer.alloc(0) : makeBody(value, choices);
  const headers = [`Authorization: Bearer ${token}`, 'Content-Type: application/json'];
  return withBody(method, `/_carvos/v1${path}`, headers, body);
}
