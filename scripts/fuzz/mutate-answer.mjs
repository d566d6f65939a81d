import { mutateJson } from './mutate-json.mjs';

/**
 * An answer of a gateway, made wrong: bytes for the socket, and whether the connection then breaks.
 *
 * @param others answers to other calls.
 */
export function mutateAnswer(answer, others, choices) {
  const kind = choices.pick(KINDS);
  return { kind, ...MUTATIONS[kind](answer, choices, others) };
}

/** An answer as it should be, as bytes. */
export function writeAnswer({ status, type, body }, extra = {}) {
  const headers = { 'content-type': type, 'content-length': body.length, connection: 'close', ...extra };
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join('')}\r\n`, 'latin1'), body]);
}

const HTML = Buffer.from('<!doctype html><title>nginx</title><h1>Welcome</h1>');
const REFUSALS = [
  '{"detail":7}',
  '{"detail":null}',
  '{"detail":[{}]}',
  '{}',
  '[]',
  '"no"',
  '{"detail":"no"}',
];

const MUTATIONS = {
  json: (answer, choices) => {
    const json = parse(answer.body);
    if (json === undefined) return MUTATIONS.bytes(answer, choices);
    const mutated = JSON.stringify(mutateJson(json, choices)) ?? 'null';
    return { bytes: writeAnswer({ ...answer, body: Buffer.from(mutated) }) };
  },
  'feed or lines': (answer, choices) => {
    const line = choices.pick([
      'data: {}\n\n',
      'data: <\n\n',
      'id: x\nevent: gap\ndata: {}\n\n',
      'data:\n\n',
    ]);
    return { bytes: writeAnswer({ ...answer, body: Buffer.from(line) }) };
  },
  'another answer': (answer, choices, others) => ({
    bytes: writeAnswer({ ...choices.pick(others), status: answer.status }),
  }),
  refusal: (answer, choices) => {
    const status = choices.pick([400, 401, 403, 404, 409, 410, 422, 429, 500, 503]);
    return { bytes: writeAnswer({ ...answer, status, body: Buffer.from(choices.pick(REFUSALS)) }) };
  },
  status: (answer, choices) => ({
    bytes: writeAnswer({
      ...answer,
      status: choices.pick([200, 201, 202, 204, 206, 299, 304, 404, 500, 999]),
    }),
  }),
  redirect: (answer, choices) => ({
    bytes: writeAnswer(
      { ...answer, status: choices.pick([301, 302, 307, 308]), body: HTML },
      { location: choices.pick(['/', '//', '', 'file:///etc/passwd', 'http://127.0.0.1:1/']) },
    ),
  }),
  html: (_answer, choices) => ({
    bytes: writeAnswer({ status: choices.pick([200, 404, 502]), type: 'text/html', body: HTML }),
  }),
  type: (answer, choices) => ({
    bytes: writeAnswer({
      ...answer,
      type: choices.pick(['', 'text/plain', 'text/event-stream', 'x'.repeat(9000)]),
    }),
  }),
  empty: (answer) => ({ bytes: writeAnswer({ ...answer, body: Buffer.alloc(0) }) }),
  bytes: (answer, choices) => {
    const body = Buffer.from(answer.body);
    for (let times = 1 + choices.below(4); times > 0 && body.length > 0; times--)
      body[choices.below(body.length)] = choices.below(256);
    return { bytes: writeAnswer({ ...answer, body }) };
  },
  'cut short': (answer, choices) => {
    const bytes = writeAnswer(answer);
    return { bytes: bytes.subarray(0, choices.below(bytes.length)) };
  },
  'ends early, without a length': (answer, choices) => ({
    bytes: writeAnswer(
      { ...answer, body: answer.body.subarray(0, choices.below(answer.body.length + 1)) },
      { 'content-length': null },
    ),
  }),
  'wrong length': (answer, choices) => ({
    bytes: writeAnswer(answer, { 'content-length': choices.pick([0, 1, -1, 'x', 1e15]) }),
  }),
  encoding: (answer) => ({ bytes: writeAnswer(answer, { 'content-encoding': 'gzip' }) }),
  'byte order mark': (answer) => ({
    bytes: writeAnswer({ ...answer, body: Buffer.concat([Buffer.from('\ufeff'), answer.body]) }),
  }),
  'no HTTP': (_answer, choices) => ({ bytes: choices.bytes(choices.below(200)) }),
  huge: (answer, choices) => {
    const filling = choices.pick(['[', ' ', '{"a":', '"x', 'data: x\n']);
    return { bytes: writeAnswer({ ...answer, body: Buffer.alloc(2_000_000, filling) }) };
  },
  nothing: () => ({ bytes: Buffer.alloc(0) }),
};
/** Half of all are wrong in their JSON. */
const KINDS = [...Object.keys(MUTATIONS), ...Array.from({ length: 16 }, () => 'json')];

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
