import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { candidateCreated, SECRETS } from '../../support/emulator.ts';
import { signLikeTheGuides } from '../../support/sign.ts';
import {
  bytes,
  control,
  deep,
  expectStillWorking,
  hex,
  INVALID,
  newestRefusal,
  now,
  type Raw,
  type Refused,
  sendRaw,
  signed,
  startOneGateway,
  valid,
  withBody,
  withSignature,
} from './one-gateway.ts';

startOneGateway();

const SIGNATURE_CASES: Omit<Refused, 'status' | 'detail'>[] = [
  { name: 'no signature', request: withSignature(() => undefined), reason: 'header_missing' },
  { name: 'an empty signature', request: withSignature(() => ''), reason: 'header_missing' },
  {
    name: 'a wrong secret',
    request: withSignature((body) => signLikeTheGuides(body, 'nobody-has-this')),
    reason: 'mismatch',
  },
  {
    name: 'the outgoing secret',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.outgoing)),
    reason: 'mismatch',
  },
  {
    name: 'a stale t',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.incoming, now() - 301)),
    reason: 'stale',
    says: /30[1-9] s old/,
  },
  {
    name: 'a future t',
    request: withSignature((body) => signLikeTheGuides(body, SECRETS.incoming, now() + 330)),
    reason: 'future',
    says: /3[0-9]+ s ahead/,
  },
  {
    name: 'two t in one header',
    request: withSignature((body) => `t=${now()},${signLikeTheGuides(body, SECRETS.incoming)}`),
    reason: 'timestamp_duplicated',
  },
  {
    name: 'two signature headers',
    request: withSignature((body) => {
      const one = signLikeTheGuides(body, SECRETS.incoming);
      return [one, one];
    }),
    reason: 'timestamp_duplicated',
  },
  {
    name: 'a 5 KiB header',
    request: withSignature((body) => `${signLikeTheGuides(body, SECRETS.incoming)},x=${'y'.repeat(5120)}`),
    reason: 'header_too_long',
  },
  {
    name: 'an upper-case digest',
    request: withSignature((body) => `t=${now()},v1=${hex(`${now()}.${body}`).toUpperCase()}`),
    reason: 'signature_malformed',
  },
  {
    name: 'a t that is no number',
    request: withSignature((body) => `t=now,v1=${hex(`now.${body}`)}`),
    reason: 'timestamp_malformed',
  },
  {
    name: 'a signature over the empty body',
    request: withSignature(() => signLikeTheGuides(new Uint8Array(), SECRETS.incoming)),
    reason: 'mismatch',
  },
];

const problem = (type: string, ...loc: (string | number)[]) => expect.objectContaining({ type, loc });

const BODY_CASES: Omit<Refused, 'status'>[] = [
  {
    name: 'not JSON',
    request: withBody(() => bytes('{"event": candidate}')),
    detail: [
      {
        type: 'json_invalid',
        loc: ['body', 10],
        msg: expect.stringMatching(/^JSON decode error: /),
        input: {},
      },
    ],
    reason: 'invalid_json',
  },
  {
    name: 'an empty body',
    request: withBody(() => new Uint8Array()),
    detail: [problem('missing', 'body')],
    reason: 'invalid_json',
  },
  {
    name: 'a list',
    request: withBody(() => bytes([candidateCreated()])),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'a text',
    request: withBody(() => bytes('"candidate.created"')),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'null',
    request: withBody(() => bytes('null')),
    detail: [problem('model_attributes_type', 'body')],
    reason: 'invalid_event',
  },
  {
    name: 'an unknown event',
    request: withBody(() => bytes(candidateCreated({ event: 'candidate.exploded' }))),
    detail: [problem('union_tag_invalid', 'body', 'event')],
    reason: 'invalid_event',
    says: /candidate\.exploded/,
  },
  {
    name: 'an event that only goes out',
    request: withBody(() => bytes(candidateCreated({ event: 'meeting.notes_ready' }))),
    detail: [problem('union_tag_invalid', 'body', 'event')],
    reason: 'invalid_event',
  },
  {
    name: 'five fields wrong at once',
    request: withBody(() =>
      bytes({
        event: 'candidate.created',
        event_id: '',
        client_id: 7,
        user_id: 'admin-user',
        candidate_id: null,
        last_name: 'Smith',
        email: 'nowhere',
      }),
    ),
    detail: [
      problem('string_too_short', 'body', 'event_id'),
      problem('string_type', 'body', 'client_id'),
      problem('string_type', 'body', 'candidate_id'),
      problem('missing', 'body', 'first_name'),
      problem('value_error', 'body', 'email'),
    ],
    reason: 'invalid_event',
    says: /event_id.*client_id.*and 2 more/,
  },
  {
    name: 'a gzip body, signed over the gzip bytes',
    request: withBody(() => gzipSync(valid()), { 'Content-Encoding': 'gzip' }),
    detail: [problem('json_invalid', 'body', 0)],
    reason: 'invalid_json',
    says: /Content-Encoding: gzip/,
  },
  {
    name: 'JSON of 10,000 levels',
    request: withBody(() => deep(10_000)),
    detail: [problem('json_invalid', 'body', 132)],
    reason: 'invalid_json',
    says: /deeper than 128/,
  },
  {
    name: 'unclosed brackets without end',
    request: withBody(() => bytes('['.repeat(1_000_000))),
    detail: [problem('json_invalid', 'body', 128)],
    reason: 'invalid_json',
  },
  {
    name: 'NUL in an identifier',
    request: withBody(() => bytes(candidateCreated({ candidate_id: 'a\u0000b' }))),
    detail: [problem('value_error', 'body', 'candidate_id')],
    reason: 'invalid_event',
  },
  {
    name: 'a lone surrogate in a known field',
    request: withBody(() => bytes(candidateCreated({ first_name: 'a\ud800b' }))),
    detail: [problem('string_unicode', 'body', 'first_name')],
    reason: 'invalid_event',
  },
  {
    name: 'bytes that are not UTF-8',
    request: withBody(() => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
    detail: [problem('json_invalid', 'body', 0)],
    reason: 'invalid_json',
  },
  {
    name: 'a number beyond 2^53 where a text belongs, which is echoed exactly',
    request: withBody(() =>
      bytes(
        JSON.stringify(candidateCreated()).replace('"client_id":"acme-corp"', '"client_id":9007199254740993'),
      ),
    ),
    detail: expect.anything(),
    reason: 'invalid_event',
  },
];

const PATH_CASES: Omit<Refused, 'detail'>[] = [
  { name: 'an unknown ATS', request: () => at('/v1/webhooks/nobody'), status: 404, reason: 'unknown_ats' },
  { name: 'no ATS', request: () => at('/v1/webhooks/'), status: 404, reason: 'unknown_ats' },
  {
    name: 'percent-encoding that is none',
    request: () => at('/v1/webhooks/%E0%A4%A'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'more path than there is',
    request: () => at('/v1/webhooks/test-ats/more'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'a NUL in the path',
    request: () => at('/v1/webhooks/test-ats%00'),
    status: 404,
    reason: 'unknown_ats',
  },
  {
    name: 'the name of what every object has',
    request: () => at('/v1/webhooks/__proto__'),
    status: 404,
    reason: 'unknown_ats',
  },
];

function at(path: string): Raw {
  const body = valid();
  return { path, body, headers: signed(body) };
}

const REFUSED: Refused[] = [
  ...SIGNATURE_CASES.map((one) => ({ ...one, status: 401, detail: INVALID })),
  ...BODY_CASES.map((one) => ({ ...one, status: 422 })),
  ...PATH_CASES.map((one) => ({ ...one, detail: 'Unknown ATS' })),
  {
    name: 'an unknown workspace',
    request: withBody(() => bytes(candidateCreated({ client_id: 'nobody' }))),
    status: 404,
    detail: 'Workspace not found',
    reason: 'workspace_not_found',
  },
];

describe('a request that is refused', () => {
  test.each(REFUSED)('$name: $status', async ({ request, status, detail, reason, says }) => {
    const before = (await control.status()).events;
    const answer = await sendRaw(request());
    expect(JSON.parse(answer.text)).toEqual({ detail });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');

    const { record } = await newestRefusal();
    expect(record).toMatchObject({ outcome: 'failure', response_status: status, error: { code: reason } });
    if (says) expect(record.error!.message).toMatch(says);
    if (status === 401) expect(answer.text).not.toContain(reason);
    expect((await control.status()).events).toBe(before);
    await expectStillWorking();
  });

  test('every refusal is logged with the request as it came and the answer that was given', async () => {
    const body = bytes('{"event": candidate}');
    const answer = await sendRaw({
      body,
      headers: signed(body, { Cookie: 'session=abc', Authorization: 'Bearer xyz' }),
    });
    const { detail } = await newestRefusal();
    expect(detail.request.body).toEqual({
      text: body.toString(),
      encoding: 'utf8',
      bytes: body.length,
      truncated: false,
    });
    expect(detail.response!.body.text).toBe(answer.text);
    expect(detail.request.headers).toEqual({ 'Content-Type': 'application/json' });
    expect(detail.request.signature).toMatch(/^t=\d+,v1=/);
  });

  test('of an id that is too long the log keeps what can be one', async () => {
    const body = bytes(candidateCreated({ event_id: 'e'.repeat(100_000) }));
    expect((await sendRaw({ body, headers: signed(body) })).status).toBe(422);
    expect((await newestRefusal()).record.event_id).toBe('e'.repeat(255));
  });

  test('a number beyond 2^53 stands in the refusal as it was sent', async () => {
    const body = bytes(
      JSON.stringify(candidateCreated()).replace('"client_id":"acme-corp"', '"client_id":9007199254740993'),
    );
    const { text } = await sendRaw({ body, headers: signed(body) });
    expect(text).toContain('"input":9007199254740993}');
  });
});
