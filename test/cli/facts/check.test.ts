import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FACTS_FILE, readFacts } from '../../../src/cli/config/facts.ts';
import { conclude } from '../../../src/cli/facts/conclude.ts';
import { createFindings } from '../../../src/cli/facts/findings.ts';
import { judgeOpenapi } from '../../../src/cli/facts/judge-openapi.ts';
import { judgeTraffic } from '../../../src/cli/facts/judge-traffic.ts';
import { readRecording } from '../../../src/cli/recordings/read-recording.ts';
import type { ErrorLike } from '../../../src/cli/terminal/errors.ts';
import type { Io } from '../../../src/cli/terminal/io.ts';
import { gatewayDocument } from '../../../src/contract/openapi/gateway.ts';
import { DIFFERENT, FACTS } from '../../support/fictional-gateway.ts';
import { tempFolder } from '../../support/folder.ts';

const RECORDINGS = join(import.meta.dirname, '../../../fixtures/recordings');
const HAR = join(RECORDINGS, 'fictional-gateway.har');
const YAML = join(RECORDINGS, 'fictional-gateway.yaml');

async function check(file: string) {
  const recording = await readRecording({ cwd: '/' } as Io, file);
  const findings = createFindings();
  if (recording.kind === 'openapi') judgeOpenapi(findings, file, recording.document);
  else judgeTraffic(findings, file, recording.exchanges);
  const concluded = conclude(findings);
  const of = (verdict: string) =>
    concluded.assumptions.filter((one) => one.verdict === verdict).map(({ id }) => id);
  return { ...concluded, refuted: of('refuted'), confirmed: of('confirmed') };
}

const har = (entries: unknown[]) => JSON.stringify({ log: { entries } });
const SIGNED = [
  { name: 'X-Webhook-Signature', value: 't=1,v1=0' },
  { name: 'Content-Type', value: 'application/json' },
];
function exchange(path: string, body: unknown, status: number, answer: unknown, headers: unknown = SIGNED) {
  return {
    request: { method: 'POST', url: path, headers, postData: { text: JSON.stringify(body) } },
    response: { status, headers: [], content: { text: JSON.stringify(answer) } },
  };
}

describe('the fictional gateway: each difference is found, and nothing else', () => {
  test('in recorded traffic, with the place', async () => {
    const found = await check(HAR);
    expect(found.refuted.sort()).toEqual(DIFFERENT);
    expect(found.facts).toEqual(FACTS);
    expect(found.unknown).toEqual([{ kind: 'field', what: 'candidate.pronouns', file: HAR, at: 'entry 7' }]);
    const evidence = (id: string) => found.assumptions.find((one) => one.id === id)!.evidence[0];
    expect(evidence('answer-401-signature')).toEqual({
      file: HAR,
      at: 'entry 3',
      field: 'response.status',
      seen: 'invalid_signature is refused with 403, not 401',
    });
    expect(evidence('event-type-header')).toMatchObject({
      at: 'entry 7',
      field: 'request.headers.X-Gateway-Event',
    });
    expect(found.confirmed).toEqual(
      expect.arrayContaining(['idempotent-event-id', 'rest-reads', 'deletion-data']),
    );
  });

  test.each(['YAML', 'JSON'])('in its document, in %s', async (form) => {
    const json = tempFolder({ 'openapi.json': JSON.stringify(parse(readFileSync(YAML, 'utf8'))) });
    const found = await check(form === 'YAML' ? YAML : join(json, 'openapi.json'));
    expect(found.refuted.sort()).toEqual(DIFFERENT);
    expect(found.facts).toEqual(FACTS);
    expect(found.unknown.map(({ what }) => what)).toEqual(['candidate.pronouns']);
  });

  test('the document of carvos itself confirms, and refutes nothing', async () => {
    const folder = tempFolder({ 'own.json': JSON.stringify(gatewayDocument()) });
    const found = await check(join(folder, 'own.json'));
    expect([found.refuted, found.unknown, found.facts]).toEqual([[], [], { version: 1 }]);
    expect(found.confirmed.length).toBeGreaterThan(15);
  });
});

test('no people and no secrets come into the facts, not even where a body has them as names', async () => {
  const person = {
    event: 'candidate.created',
    event_id: 'evt-1',
    client_id: 'acme',
    user_id: 'u-1',
    candidate_id: 'cand_1',
    first_name: 'Marguerite',
    last_name: 'Quillfeather',
    email: 'marguerite@example.com',
  };
  const facts = [
    (await check(HAR)).facts,
    (
      await check(
        join(
          tempFolder({
            'x.har': har([
              exchange('/v1/webhooks/a', person, 202, { reference_id: 'r' }),
              exchange('/v1/webhooks/a', { ...person, event_id: 'evt-2', email: 1 }, 400, {
                problems: { Marguerite: 'Quillfeather', 'marguerite@example.com': 'x', acme: 'wrong' },
              }),
              exchange('/v1/webhooks/a', person, 403, { Acme: 'Invalid signature' }, []),
            ]),
          }),
          'x.har',
        ),
      )
    ).facts,
  ];
  const text = JSON.stringify(facts).toLowerCase();
  const said = [
    'marguerite',
    'quillfeather',
    'example.com',
    'acme',
    'vandelay',
    'cand-',
    'cand_',
    'northwind',
    'v1=',
    '555',
  ];
  for (const one of [...said, 'incomplete', 'bees', '0199']) expect(text).not.toContain(one);
  expect(facts[1]).toEqual({ version: 1, statuses: { invalid_signature: 403, validation: 400 } });
});

test('what was seen both ways becomes no fact', async () => {
  const body = { event: 'x' };
  const file = join(
    tempFolder({
      'x.har': har([
        exchange('/v1/webhooks/a', body, 401, { detail: 'Invalid signature' }, []),
        exchange('/v1/webhooks/a', body, 403, { detail: 'Invalid signature' }, []),
      ]),
    }),
    'x.har',
  );
  const found = await check(file);
  expect([found.refuted, found.facts]).toEqual([['answer-401-signature'], { version: 1 }]);
});

test('curl -v and lines of listen --json', async () => {
  const event = {
    event: 'candidate.created',
    event_id: 'e',
    reference_id: 'r',
    client_id: 'c',
    data: { edited: 1 },
  };
  const line = {
    type: 'request',
    method: 'POST',
    path: '/webhooks',
    raw_headers: ['X-Their-Event', 'candidate.created', 'X-Trace', '1', 'X-CarvOS-Test', 'true'],
    body: { text: JSON.stringify(event), encoding: 'utf8' },
  };
  const folder = tempFolder({
    'curl.txt': [
      '* Connected to gateway.example',
      '> POST /v1/webhooks/a HTTP/1.1',
      '> Host: gateway.example',
      '>',
      '} [12 bytes data]',
      '< HTTP/1.1 403 Forbidden',
      '< content-type: application/json',
      '<',
      '{ [20 bytes data]',
      '{"error":"no signature"}* Connection #0 to host gateway.example left intact',
    ].join('\r\n'),
    'seen.ndjson': `{"type":"listening","url":"x"}\n${JSON.stringify(line)}\n`,
  });
  const curl = await check(join(folder, 'curl.txt'));
  expect(curl.facts).toEqual({
    version: 1,
    statuses: { invalid_signature: 403 },
    errors: { refusal: { error: '$message' } },
  });
  const seen = await check(join(folder, 'seen.ndjson'));
  expect(seen.facts).toEqual({ version: 1, eventHeader: 'X-Their-Event' });
  expect(seen.unknown).toEqual([
    { kind: 'header', what: 'x-trace', file: join(folder, 'seen.ndjson'), at: 'line 2' },
  ]);
});

test('hostile files end with 2, and the line where there is one', async () => {
  const text = readFileSync(HAR, 'utf8');
  const folder = tempFolder({
    huge: '',
    'cut.har': text.slice(0, 5000),
    'cut-and-large.har': `{"log":{"entries":[${'{"a":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},'.repeat(200_000)}`,
    binary: Buffer.from([0x7b, 0, 1, 2, 0xff, 0xfe]),
    'deep.json': `{"log":{"entries":${'['.repeat(500_000)}${']'.repeat(500_000)}}}`,
    'deep-and-cut.json': `{"log":${'['.repeat(500_000)}`,
    'deep.yaml': `openapi: 3.1.0\npaths: ${'{a: '.repeat(5000)}`,
    'bomb.yaml': `openapi: 3.1.0\n${['b', 'c', 'd', 'e', 'f', 'g']
      .map(
        (name, index) =>
          `${name}: &${name} [${`${index === 0 ? 'x' : `*${'bcdefg'[index - 1]}`},`.repeat(9)}]\n`,
      )
      .join('')}`,
    'large.yaml': `openapi: 3.1.0\n${'# nothing\n'.repeat(300_000)}`,
    'cut.ndjson': '{"type":"listening"}\n{"type":"request","body":{"te',
    'swagger.json': '{"swagger":"2.0"}',
    'other.txt': 'nothing of that kind',
    empty: '',
  });
  truncateSync(join(folder, 'huge'), 100 * 1024 * 1024);
  const places: Record<string, RegExp> = { 'cut.har': /:159$/, 'cut.ndjson': /:2$/, 'deep.yaml': /:2:/ };
  const files = [
    'huge',
    'cut.har',
    'cut-and-large.har',
    'binary',
    'deep.json',
    'deep-and-cut.json',
    'deep.yaml',
  ];
  for (const name of [
    ...files,
    'bomb.yaml',
    'large.yaml',
    'cut.ndjson',
    'swagger.json',
    'other.txt',
    'empty',
  ]) {
    const error = (await check(join(folder, name)).catch((one) => one)) as ErrorLike;
    expect([name, error.exitCode]).toEqual([name, 2]);
    const place = places[name];
    if (place) expect(String(error.where)).toMatch(place);
  }
});

describe('the facts file', () => {
  test.each([
    ['not JSON', '{\n  "version": 1,\n  oops\n}', ':3  not valid JSON'],
    ['another version', '{\n  "version": 2\n}', ':2  version: must be 1'],
    ['another program’s', '{\n  "name": "x",\n  "version": "1.0.0"\n}', 'there is no field "name" here'],
    [
      'a status that is none',
      '{ "version": 1,\n "statuses": { "invalid_signature": 200 } }',
      ':2  statuses.invalid_signature',
    ],
    ['a header of ours', '{ "version": 1,\n\n "eventHeader": "Content-Type" }', ':3  eventHeader'],
    [
      'a range upside down',
      '{ "version": 1, "score": { "min": 5, "max": 1, "whole": true } }',
      ':1  score: min must',
    ],
    ['a body too deep', `{ "version": 1, "errors": { "refusal": ${'{"a":'.repeat(500)}1`, ':1'],
    ['nothing', '', ':1'],
  ])('%s ends with 2 and the line', async (_, text, place) => {
    const folder = tempFolder({ [FACTS_FILE]: text });
    const error = (await readFacts(folder).catch((one) => one)) as ErrorLike;
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(place);
    expect(error.message).toContain(join(folder, FACTS_FILE));
  });

  test('one that is right, and none', async () => {
    const folder = tempFolder();
    expect(await readFacts(folder)).toBeUndefined();
    writeFileSync(join(folder, FACTS_FILE), JSON.stringify(FACTS));
    expect(await readFacts(folder)).toEqual(FACTS);
  });
});
