import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { startTestReceiver } from '../../support/receiver.ts';

/** Replays `id` with other bytes and compares the two. */
async function setUp() {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({ n: 1, list: ['a', 'b'], word: 'é' });
  const text = (await gateway.control.delivery(origin.id, { whole: true })).body.text;
  const diffWith = async (changed: string) => {
    const body_base64 = Buffer.from(changed).toString('base64');
    const replay = await gateway.control.replay(origin.id, { body_base64 });
    const { code, stdout } = await gateway.carvos('diff', origin.id, replay.id, '--json');
    expect(code).toBe(0);
    return { replay, found: JSON.parse(stdout) };
  };
  return { gateway, origin, text, diffWith };
}

test('two attempts of one delivery: the same bytes, another status, a later t', async () => {
  const gateway = await startDemoGateway((_one, index) => (index === 0 ? 500 : 200));
  const origin = await gateway.deliver();
  await gateway.control.clockMove('next');
  const { code, stdout } = await gateway.carvos('diff', `${origin.id}/1`, `${origin.id}/2`, '--json');
  expect(code).toBe(0);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({
    version: 2,
    same: false,
    body: { equal_bytes: true, equal_json: true, first_difference: null },
    signature: { before: { verdict: 'valid' }, after: { verdict: 'valid' }, same_secret: true },
    request_headers: [],
    response_body: { before: 'answer 500', after: 'answer 200' },
  });
  const fields = Object.fromEntries(found.fields.map((one: { field: string }) => [one.field, one]));
  expect(fields.response_status).toMatchObject({ before: 500, after: 200 });
  expect(fields.outcome).toMatchObject({ before: 'failure', after: 'success' });
  expect(found.timing.production_ms.after - found.timing.production_ms.before).toBeGreaterThanOrEqual(60_000);
  const human = await gateway.carvos('diff', `${origin.id}/1`, `${origin.id}/2`);
  expect(human.stdout).toContain('equal, byte for byte');
  expect(human.stdout).toContain('answer 200');
});

test('says which of the two is unknown', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver();
  const { code, stderr } = await gateway.carvos('diff', origin.id, 'dlv_nope');
  expect(code).toBe(4);
  expect(stderr).toContain('dlv_nope: there is no such delivery or attempt');
  expect(stderr).toMatch(/next: .*carvos deliveries lists those that there are/);
  // Not its name says what was asked for.
  expect((await gateway.carvos('deliveries', 'show', 'job')).stderr).toMatch(/carvos deliveries lists those/);
  expect((await gateway.carvos('replay', 'dlv_no')).stderr).toMatch(/carvos deliveries lists those/);
  expect((await gateway.carvos('jobs', 'rerun', 'job_9')).stderr).toMatch(/carvos jobs lists those/);
  const unlisted = await gateway.carvos('meeting', 'record', '--application', 'app-9');
  expect(unlisted.stderr).toMatch(/no application app-9.*\n {2}at: .*\n {2}next: send it first, .*\n$/);
});

test('values by path, with before and after', async () => {
  const { gateway, origin, text, diffWith } = await setUp();
  const body = JSON.parse(text);
  body.data.n = 2;
  body.data.list.pop();
  body.data['odd key'] = true;
  body.event = 'candidate.updated';
  const { replay, found } = await diffWith(JSON.stringify(body));
  expect(found.body).toMatchObject({ equal_bytes: false, equal_json: false, spelling: [] });
  expect(found.body.values).toEqual([
    { path: 'event', change: 'changed', before: '"candidate.created"', after: '"candidate.updated"' },
    { path: 'data.n', change: 'changed', before: '1', after: '2' },
    { path: 'data.list[1]', change: 'removed', before: '"b"' },
    { path: 'data["odd key"]', change: 'added', after: 'true' },
  ]);
  expect(found.request_headers).toEqual([
    { field: 'x-carv-event', before: 'candidate.created', after: 'candidate.updated' },
  ]);
  const human = await gateway.carvos('diff', origin.id, replay.id);
  expect(human.stdout).toContain('data.list[1] removed');
});

test('the same JSON in other bytes: says how they differ', async () => {
  const { text, diffWith } = await setUp();
  const kinds = async (changed: string) => {
    const { found } = await diffWith(changed);
    expect(found.body).toMatchObject({ equal_bytes: false, equal_json: true, values: [] });
    expect(found.signature.same_secret).toBe(true);
    return found.body.spelling.map((one: { kind: string; path: string }) => `${one.kind} ${one.path}`.trim());
  };
  expect(await kinds(`${text}\n`)).toEqual(['whitespace']);
  expect(await kinds(text.replace('"n":1', '"n":1.0'))).toEqual(['number spelling data.n']);
  expect(await kinds(text.replace('é', '\\u00e9'))).toEqual(['escapes data.word']);
  expect(await kinds(text.replace('"word"', '"w\\u006frd"'))).toEqual(['escapes the key of data.word']);
  expect(await kinds(text.replace('"n":1', '"n":0,"n":1'))).toEqual(['duplicate keys data']);
  const { data, ...rest } = JSON.parse(text);
  expect(await kinds(JSON.stringify({ data, ...rest }))).toEqual(['key order']);
  expect(await kinds(JSON.stringify(JSON.parse(text), null, 2))).toEqual(['whitespace']);

  const { found } = await diffWith(`${text} `);
  expect(found.body.first_difference.offset).toBe(Buffer.byteLength(text));
});

test('other bytes that are no JSON, a signature that does not fit, another place', async () => {
  const { gateway, origin, diffWith } = await setUp();
  expect((await diffWith('no json')).found.body).toMatchObject({ equal_json: null, values: [] });
  const other = await startTestReceiver();
  const forged = await gateway.control.replay(origin.id, {
    to: other.url,
    original: true,
    body_base64: Buffer.from('{}').toString('base64'),
  });
  const { code, stdout } = await gateway.carvos('diff', origin.id, forged.id);
  expect(code).toBe(0);
  expect(stdout).toContain(other.url);
  expect(stdout).toContain('the same t');
  expect(stdout).toContain('does not verify with the configured secret: mismatch');
  const unknown = await gateway.carvos('diff', origin.id, 'dlv_nope');
  expect(unknown.code).toBe(4);
  expect(unknown.stdout).toBe('');
});
