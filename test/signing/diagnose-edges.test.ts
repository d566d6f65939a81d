import { createHmac, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type DiagnosisSecret, diagnose } from '../../src/signing/index.ts';

const T = 1_768_472_880;
const SECRETS: DiagnosisSecret[] = [
  { value: 'outgoing-secret-value', role: 'expected' },
  { value: 'incoming-secret-value', role: 'other_direction' },
];
/** Signed by node:crypto alone. */
const header = (body: Uint8Array | string, secret = SECRETS[0]!.value) =>
  `t=${T},v1=${createHmac('sha256', secret).update(`${T}.`).update(body).digest('hex')}`;

test('the other direction is named from where one stands', () => {
  const body = Buffer.from('{}');
  const given = { body, header: header(body, SECRETS[1]!.value), secrets: SECRETS, now: T };
  const reported = (side: 'receiver' | 'sender') => diagnose({ ...given, side }).findings[0];
  expect(reported('receiver')).toMatchObject({ code: 'other_direction' });
  expect(reported('receiver')!.message).toContain('the incoming secret');
  expect(reported('sender')!.message).toContain('the outgoing secret');
});

test('of a long header only what stands around the mistake is shown, with the caret under it', () => {
  const body = Buffer.from('{}');
  const long = `t=${T},${'v0=aaaaaaaa,'.repeat(20)}v1=nothex`;
  const [finding] = diagnose({ body, header: long, secrets: SECRETS, now: T }).findings;
  expect(finding).toMatchObject({ code: 'malformed', details: { reason: 'signature_malformed' } });
  const { header: shown, caret } = finding!.details as { header: string; caret: string };
  expect(shown).toMatch(/^….*v1=nothex$/);
  expect(shown.length).toBeLessThan(long.length);
  expect(shown.slice(caret.indexOf('^'))).toMatch(/^nothex/);
});

test('characters that were decoded wrongly on the way are found, and where none were, nobody is accused', () => {
  const meant = Buffer.from('{"name":"Zoë"}');
  // Read as Latin-1 and written as UTF-8: Zoë arrives as ZoÃ«.
  const arrived = Buffer.from(meant.toString('latin1'));
  const result = diagnose({ body: arrived, header: header(meant), secrets: SECRETS, now: T });
  expect(result.findings[0]).toMatchObject({ code: 'body_charset' });
  const euro = Buffer.from('{"price":"5 €"}');
  expect(diagnose({ body: euro, header: header(meant), secrets: SECRETS, now: T }).findings).toEqual([]);
});

test('a large body is searched to the end where there is time, and still nobody is accused', () => {
  const body = randomBytes(17 * 1024);
  const find = (signed: Uint8Array | string, budget?: number) =>
    diagnose({ body, header: header(signed), secrets: SECRETS, now: T, budget });
  expect(find('something else', 3_000_000)).toMatchObject({ verdict: 'unexplained', findings: [] });
  // Where it was cut off is found without more time than usual.
  expect(find(body.subarray(0, 17_000)).findings[0]).toMatchObject({ code: 'truncated_body' });
}, 120_000);

test.each([
  [
    'a key and value of AWS Secrets Manager',
    (key: string) => `{"CARVOS_OUTGOING_SECRET":"${key}"}`,
    'secret_prefix',
    'of the JSON of a secret store the value alone',
  ],
  [
    'the same, written by Python',
    (key: string) => `{"webhook_secret": "${key}"}`,
    'secret_prefix',
    'the value alone',
  ],
  ["Pydantic's SecretStr as text", () => '**********', 'secret_placeholder', 'get_secret_value()'],
  [
    "Java's Optional as text",
    (key: string) => `Optional[${key}]`,
    'secret_escaped',
    'not the list or the object that holds it',
  ],
  ['a tuple of Python as text', (key: string) => `('${key}',)`, 'secret_escaped', 'not the list'],
  ["Python's str() of bytes", (key: string) => `b'${key}'`, 'secret_escaped', 'the text itself'],
  [
    'echo | base64 in stringData',
    (key: string) => Buffer.from(`${key}\n`).toString('base64'),
    'secret_base64',
    "the secret's text as it is",
  ],
  [
    'base64_decode of PHP, which skips hyphens',
    (key: string) => Buffer.from(key.replaceAll('-', ''), 'base64'),
    'secret_base64',
    'as UTF-8 bytes',
  ],
])('a secret is named as what it became: %s', (_name, become, code, fix) => {
  const body = Buffer.from('{"event":"candidate.created"}');
  const hex = createHmac('sha256', become(SECRETS[0]!.value)).update(`${T}.`).update(body).digest('hex');
  const { findings } = diagnose({ body, header: `t=${T},v1=${hex}`, secrets: SECRETS, now: T });
  expect(findings).toMatchObject([{ code, fix: expect.stringContaining(fix) }]);
});

test.each([
  'SHA2-256(stdin)= HEX',
  '(stdin)= HEX',
  'HMAC-SHA256(body.json)= HEX',
  'HEX *stdin',
  'HEX  -',
  'Bearer HEX',
  '<HEX>',
])('a right digest is known within what a tool prints of it: %s', (printed) => {
  const body = Buffer.from('{"event":"candidate.created"}');
  const computed = printed.replace('HEX', header(body).slice(-64));
  const { verdict, findings } = diagnose({ body, timestamp: T, computed, secrets: SECRETS, now: T });
  expect([verdict, findings.map(({ code }) => code)]).toEqual(['explained', ['digest_written']]);
});

test.each([
  ['minutes', String(Math.floor(T / 60)), 'stale'],
  ['seconds divided by 1000', String(Math.floor(T / 1000)), 'stale'],
  ['not set', '0', 'stale'],
  ['ticks of .NET', '639040444800000000', 'future'],
])('a t that is no time of these years is neither an old request nor a clock: %s', (_name, t, code) => {
  const body = Buffer.from('{}');
  const hex = createHmac('sha256', SECRETS[0]!.value).update(`${t}.{}`).digest('hex');
  const { findings } = diagnose({ body, header: `t=${t},v1=${hex}`, secrets: SECRETS, now: T });
  expect(findings.at(-1)).toMatchObject({ code, details: { looks_like: 'no_time' } });
});

test('where the t of the header is no number, nothing is said to be so many seconds from it', () => {
  const body = Buffer.from('{}');
  const given = { body, header: header(body).replace('t=', 't=-'), secrets: SECRETS, now: T + 5 };
  const { findings } = diagnose(given);
  expect(findings.map(({ message }) => message)).toEqual([
    expect.stringContaining('not a number'),
    expect.stringContaining(`t=${T}, which the header does not have`),
  ]);
});
