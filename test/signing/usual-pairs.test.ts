import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/signing/index.ts';

const T = 1_768_472_880;
const SECRET = 'ab+c/d==$battery9';
const BODY =
  '{"event":"candidate.updated","error":null,"data":{"name":" Zoë ","note":"","url":"https://a.example/?b=1","score":87.50}}';

/** What it is signed with and over, where that is not the secret and the body; `digest` writes the rest of it. */
interface Signed {
  key?: string | Buffer;
  body?: string;
  message?: string;
  algorithm?: string;
  digest?: (bytes: Buffer) => string;
}

// The bodies are what PHP, Rails, Gson, jq and Python wrote.
// biome-ignore format: a table, a row a line
const CASES: [what: string, signed: Signed, ...said: string[]][] = [
  ['Laravel, slashes left, a line feed behind the secret', { key: `${SECRET}\n`, body: '{"event":"candidate.updated","error":null,"data":{"name":"Zo\\u00eb","note":null,"url":"https://a.example/?b=1","score":87.5}}' }, 'line feed', 'ConvertEmptyStringsToNull, then json_encode, with JSON_UNESCAPED_SLASHES'],
  ['Laravel, only the body, keys sorted', { message: '', body: '{"data":{"name":"Zo\\u00eb","note":null,"score":87.5,"url":"https:\\/\\/a.example\\/?b=1"},"error":null,"event":"candidate.updated"}' }, 'without t', 'ConvertEmptyStringsToNull, then json_encode, keys sorted'],
  ['ksort, http_build_query, decoded', { body: 'data[name]= Zoë &data[note]=&data[url]=https://a.example/?b=1&data[score]=87.5&event=candidate.updated' }, "PHP's http_build_query, the keys at the top sorted, decoded again"],
  ['json_encode, then base64', { body: Buffer.from('{"event":"candidate.updated","error":null,"data":{"name":" Zo\\u00eb ","note":"","url":"https:\\/\\/a.example\\/?b=1","score":87.5}}').toString('base64') }, "PHP's json_encode", 'encoded as base64'],
  ['json_encode of a part', { body: '{"name":" Zo\\u00eb ","note":"","url":"https:\\/\\/a.example\\/?b=1","score":87.5}' }, `PHP's json_encode of an associative array writes it, only the value of its field "data"`],
  ['array_filter', { body: '{"event":"candidate.updated","data":{"name":" Zo\\u00eb ","note":"","url":"https:\\/\\/a.example\\/?b=1","score":87.5}}' }, 'nulls dropped'],
  ["Rails's ParamsWrapper", { body: `${BODY.replace('.50', '.5').slice(0, -1)},"webhook":${BODY.replace('.50', '.5')}}` }, 'to_json of Rails writes it, with the copy of it in "webhook"'],
  ['jq -S --tab', { body: '{\n\t"data": {\n\t\t"name": " Zoë ",\n\t\t"note": "",\n\t\t"score": 87.5,\n\t\t"url": "https://a.example/?b=1"\n\t},\n\t"error": null,\n\t"event": "candidate.updated"\n}\n' }, 'jq, keys sorted, indented by tabs'],
  ['a list of one', { body: `[${BODY.replace('.50', '.5')}]` }, 'in a list'],
  ['JSON.stringify(pm.request.body)', { body: JSON.stringify({ mode: 'raw', raw: BODY, options: { raw: { language: 'json' } } }) }, 'pm.request.body'],
  ['quotes and a line feed', { key: `"${SECRET}"\n` }, 'the secret with " around it', 'a line feed at its end'],
  ['a template of Handlebars', { key: 'ab+c/d&#x3D;&#x3D;$battery9' }, 'escaped, as Handlebars'],
  ['a makefile', { key: 'ab+c/d==attery9' }, 'as make reads it'],
  ['a secret copied in part', { key: SECRET.slice(0, -3) }, 'without its last 3 characters'],
  ['a secret decoded, over JSON written again', { key: Buffer.from(SECRET, 'base64'), body: BODY.replace('.50', '.5') }, 'the secret decoded from base64', 'JSON.stringify'],
  ['Date.now() / 1000', { message: `${T}.123.` }, 't with a fraction'],
  ['HMAC of its own hex digits', { digest: (bytes) => createHmac('sha256', SECRET).update(bytes.toString('hex')).digest('hex') }, 'the HMAC of the hex digits of the HMAC'],
  ['SHA3', { algorithm: 'sha3-256' }, 'HMAC-SHA3-256'],
  ["Python's bytes in an f-string", { digest: (bytes) => `b'${[...bytes].map((one) => `\\x${one.toString(16).padStart(2, '0')}`).join('')}'` }, "the bytes of the digest as Python's b'…'"],
];

test.each(CASES)('%s', (_what, signed, ...said) => {
  const { key = SECRET, body = BODY, message = `${T}.`, algorithm = 'sha256', digest } = signed;
  const bytes = createHmac(algorithm, key).update(message).update(body).digest();
  const header = `t=${T},v1=${digest?.(bytes) ?? bytes.toString('hex')}`;
  const secrets = [{ value: SECRET, role: 'expected' as const }];
  const { findings } = diagnose({ body: Buffer.from(BODY), header, secrets, now: T });
  for (const text of said) expect(findings.map((one) => one.message).join('\n')).toContain(text);
});

// biome-ignore format: a table, a row a line
test.each([['0123456789', '123456789'], ['1e10', '10000000000.0'], ['01234567', '342391']])('YAML takes the secret %s for a number', (value, read) => {
  const v1 = createHmac('sha256', read).update(`${T}.${BODY}`).digest('hex');
  const secrets = [{ value, role: 'expected' as const }];
  const { findings } = diagnose({ body: Buffer.from(BODY), header: `t=${T},v1=${v1}`, secrets, now: T });
  expect(findings.map(({ code }) => code)).toEqual(['secret_escaped']);
});
