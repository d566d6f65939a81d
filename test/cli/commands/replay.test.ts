import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Delivery } from '../../../src/contract/control.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { isSigned, startDemoGateway } from '../../support/demo-gateway.ts';
import { CARVOS, runProgram, spawnProgram } from '../../support/program.ts';
import { serve, startTestReceiver } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';

test('one: says what the receiver answered, and ends with 0 or 1 by it', async () => {
  let status = 200;
  const gateway = await startDemoGateway(() => status);
  const origin = await gateway.deliver();
  const good = await gateway.carvos('replay', origin.id);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toContain('outgoing (CarvOS → ATS)');
  expect(good.stdout).toContain(`replays ${origin.id}`);
  expect(good.stdout).toContain('answer 200');

  status = 401;
  const bad = await gateway.carvos('replay', origin.id);
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('401 failure');
  expect(bad.stdout).toContain('outgoing secret');
  const json = await gateway.carvos('replay', origin.id, '--json');
  expect(json.code).toBe(1);
  const document = JSON.parse(json.stdout);
  expect(document).toMatchObject({ version: 2, count: 1, accepted: 0, not_accepted: 1 });
  const [{ why, ...item }] = document.items;
  expect(Delivery.strict().parse(item)).toMatchObject({ replay_of: origin.id, last_status: 401 });
  expect(why).toContain('outgoing secret');
  expect(gateway.receiver.received).toHaveLength(4);
  expect(gateway.receiver.received.every((one) => isSigned(one))).toBe(true);
});

test('the reason of a 401 stands there, for a value that was computed and for an old signature', async () => {
  const serving = await serve(({ body }, response) =>
    response.writeHead(401).end(hmacHex('demo-outgoing-secret', body.toString())),
  );
  let status = 200;
  const gateway = await startDemoGateway(() => status);
  const origin = await gateway.deliver();
  const digits = await gateway.carvos('replay', origin.id, '--to', serving.url);
  expect([digits.code, digits.stdout]).toEqual([
    1,
    expect.stringContaining('why: no_timestamp. Your receiver'),
  ]);
  const read = await gateway.carvos('replay', origin.id, '--to', serving.url, '--json');
  expect(JSON.parse(read.stdout).items[0].why).toContain('no_timestamp. Your receiver');
  const report = async () => (await gateway.carvos('report', origin.reference_id)).stdout;
  await expect.poll(report).toContain('> why: no_timestamp. Your receiver');

  await gateway.carvos('fault', 'add', 'stale', '--first', '1');
  const old = await gateway.deliver();
  status = 401;
  const original = await gateway.carvos('replay', `${old.id}/1`, '--original');
  expect(original.stdout).toContain('why: stale. The hash is right, but t is 10 min');
  const replayed = / (dlv_\S+) replays /.exec(original.stdout)![1]!;
  const shown = async () => (await gateway.carvos('deliveries', 'show', replayed)).stdout;
  await expect.poll(shown).toContain('why: stale.');
  // The gateway has it with the record, where `dev` and the page look; the commands would ask for it.
  await gateway.emulator.explained();
  const { diagnosis } = await gateway.control.logRecord(`${replayed}/1`);
  expect(diagnosis?.findings.map(({ code }) => code)).toEqual(['stale']);
});

test('--to, --original and --set', async () => {
  const gateway = await startDemoGateway();
  const other = await startTestReceiver();
  const origin = await gateway.deliver();
  const port = new URL(other.url).port;
  expect((await gateway.carvos('replay', origin.id, '--to', `${port}/here`)).code).toBe(0);
  expect(other.received[0]!.body.equals(gateway.receiver.received[0]!.body)).toBe(true);

  expect((await gateway.carvos('replay', origin.id, '--original')).code).toBe(0);
  expect((await gateway.carvos('replay', `${origin.id}/1`, '--original')).code).toBe(0);
  const [first, second, third] = gateway.receiver.received;
  expect(second!.headers['x-webhook-signature']).toBe(first!.headers['x-webhook-signature']);
  expect(third!.headers['x-webhook-signature']).toBe(first!.headers['x-webhook-signature']);

  const set = await gateway.carvos('replay', origin.id, '--set', 'data.score=42', '--set', 'event_id:=evt_x');
  expect(set.code).toBe(0);
  const edited = gateway.receiver.received[3]!;
  expect(JSON.parse(edited.body.toString())).toMatchObject({ event_id: 'evt_x', data: { score: 42 } });
  expect(isSigned(edited)).toBe(true);
});

test('a receiver that cannot be reached ends it with 5; one of several that answers badly, with 1', async () => {
  const gateway = await startDemoGateway((_one, index) => (index < 2 ? 200 : 500));
  const origins = [await gateway.deliver(), await gateway.deliver()];
  const gone = await startTestReceiver();
  await new Promise((resolve) => gone.server.close(resolve));
  const lost = await gateway.carvos('replay', origins[0]!.id, '--to', new URL(gone.url).host);
  expect(lost.code).toBe(5);
  expect(lost.stdout).toContain('nothing listens there');
  const bothLost = await gateway.carvos('replay', ...origins.map(({ id }) => id), '--to', gone.url, '--yes');
  expect(bothLost.code).toBe(5);

  let requests = 0;
  gateway.receiver.server.prependListener('request', ({ socket }) => {
    if (++requests === 2) socket.destroy();
  });
  const mixed = await gateway.carvos('replay', ...origins.map(({ id }) => id), '--yes', '--json');
  const outcomes = JSON.parse(mixed.stdout).items.map(
    (item: Delivery) => item.last_error?.code ?? item.last_status,
  );
  expect([mixed.code, outcomes.sort()]).toEqual([1, [500, 'reset']]);
});

test('--edit opens the body in $EDITOR and sends what it leaves', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver();
  const editor = join(gateway.cwd, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\nsed -i \'s/"status": "success"/"status": "edited"/\' "$1"\n');
  chmodSync(editor, 0o700);
  const edited = await runProgram(process.execPath, [CARVOS, 'replay', origin.id, '--edit'], {
    cwd: gateway.cwd,
    env: { EDITOR: `"${editor}"`, VISUAL: undefined },
  });
  expect(edited.code).toBe(0);
  expect(JSON.parse(gateway.receiver.received[1]!.body.toString()).status).toBe('edited');
  expect(isSigned(gateway.receiver.received[1]!)).toBe(true);
});

test('many: need --yes without a terminal; failures come first, with a summary', async () => {
  let status = 500;
  const gateway = await startDemoGateway(() => status);
  const events = [await gateway.deliver(), await gateway.deliver(), await gateway.deliver()];
  await gateway.control.clockMove('drain');
  const before = gateway.receiver.received.length;
  const unsure = await gateway.carvos('replay', '--exhausted');
  expect(unsure.code).toBe(2);
  expect(unsure.stderr).toContain('3 deliveries');
  expect(unsure.stderr).toContain('--yes');
  expect(gateway.receiver.received).toHaveLength(before);

  const failed = await gateway.carvos('replay', '--exhausted', '--yes');
  expect(failed.code).toBe(1);
  expect(failed.stdout).toContain('3 replayed: 0 accepted, 3 not accepted');
  status = 200;
  const fine = await gateway.carvos(
    'replay',
    '--exhausted',
    '--since',
    '1h',
    '--client-id',
    'acme-corp',
    '--yes',
    '--json',
  );
  expect(fine.code).toBe(0);
  const document = JSON.parse(fine.stdout);
  expect(document).toMatchObject({ count: 3, accepted: 3 });
  expect(document.items.map((one: { replay_of: string }) => one.replay_of)).toEqual(
    events.map(({ id }) => id),
  );
  const again = await gateway.carvos('replay', '--exhausted');
  expect(again).toMatchObject({ code: 0, stdout: '' });
  expect(again.stderr).toContain('nothing to replay');
  const slip = await gateway.carvos('replay', '--event', 'candidate.craeted');
  expect([slip.code, slip.stderr]).toEqual([0, 'nothing to replay. Did you mean candidate.created?\n']);
  const named = await gateway.carvos('replay', events[0]!.id, events[1]!.id, '--yes');
  expect(named.stdout).toContain('2 replayed: 2 accepted');
});

test('a terminal is asked, and "no" replays nothing', async () => {
  const gateway = await startDemoGateway();
  const [one, two] = [await gateway.deliver(), await gateway.deliver()];
  // Python's pty is the terminal; it answers when the question has come.
  const script = [
    'import pty, sys, os',
    'answer = sys.argv[1].encode()',
    'seen = b""',
    'def read(fd):',
    '    global seen, answer',
    '    data = os.read(fd, 4096)',
    '    seen += data',
    '    if b"[y/N]" in seen and answer:',
    '        os.write(fd, answer + b"\\n"); answer = b""',
    '    return data',
    'sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[2:], read, lambda fd: b"")))',
  ].join('\n');
  const ask = (answer: string) =>
    runProgram('python3', ['-c', script, answer, process.execPath, CARVOS, 'replay', one.id, two.id], {
      cwd: gateway.cwd,
    });
  const no = await ask('n');
  expect(no.stdout).toContain('Replay 2 deliveries to the webhook URL? [y/N]');
  expect(no.stdout).toContain('nothing was replayed');
  expect(no.code).toBe(2);
  expect(gateway.receiver.received).toHaveLength(2);
  const yes = await ask('y');
  expect(yes.stdout).toContain('2 replayed: 2 accepted');
  expect(yes.code).toBe(0);
  expect(gateway.receiver.received).toHaveLength(4);
});

test('the guard: another network needs --live, and never the demo secret or a forgery', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver();
  // TEST-NET-1: no packet leaves, the guard comes before any request.
  const to = ['--to', 'http://192.0.2.1/hook'];
  const refused = await gateway.carvos('replay', origin.id, ...to);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--live');
  const demo = await gateway.carvos('replay', origin.id, ...to, '--live');
  expect(demo.code).toBe(2);
  expect(demo.stderr).toContain('demo secret');
  expect(demo.stderr).toMatch(/secret: sha256:[0-9a-f]{8} /);

  const own = await startDemoGateway(() => 200, {}, { incoming: 'own-incoming', outgoing: 'own-outgoing' });
  const forged = await own.deliver();
  const tampered = await own.carvos(
    'replay',
    forged.id,
    ...to,
    '--live',
    '--original',
    '--set',
    'data.score=1',
  );
  expect(tampered.code).toBe(2);
  expect(tampered.stderr).toContain('not for a live target');
  expect((await gateway.control.trace(origin.reference_id)).deliveries).toHaveLength(1);
});

test('wrong use says what to do', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver();
  const cases: [string[], number, string][] = [
    [[], 2, '--exhausted'],
    [[origin.id, '--exhausted'], 2, 'do not go together'],
    [['--exhausted', '--edit'], 2, 'one delivery at a time'],
    [[`${origin.id}/1`], 2, '--original'],
    [['--exhausted', '--since', 'soon'], 2, '--since'],
    [[`${origin.id}/1`, 'dlv_other', '--original'], 2, 'is one attempt'],
    [[`${origin.id}/0`, '--original'], 2, 'is not the id of an attempt'],
    [['dlv_nope'], 4, 'dlv_nope'],
    [['nope'], 4, 'carvos deliveries lists those that there are'],
    [[origin.id, '--to', 'nonsense'], 2, '--to'],
  ];
  for (const [args, code, text] of cases) {
    const result = await gateway.carvos('replay', ...args);
    expect([args, result.code]).toEqual([args, code]);
    expect(result.stderr).toContain(text);
  }
  const incoming = (await gateway.control.log({ direction: 'incoming' })).items[0]!.delivery_id;
  for (const args of [[incoming], [incoming, '--set', 'a=1']]) {
    const result = await gateway.carvos('replay', ...args);
    expect(result.code).toBeGreaterThan(0);
    expect(result.stderr).toContain('carvos send');
  }
  // One that is named twice is one.
  const twice = await gateway.carvos('replay', origin.id, origin.id, '--json');
  expect(JSON.parse(twice.stdout)).toMatchObject({ count: 1 });
  await gateway.control.changeAts('demo-ats', { webhook_url: null });
  expect((await gateway.carvos('replay', origin.id)).stderr).toContain('no webhook URL');
});

test('Ctrl-C stops watching and not the replays', async () => {
  const { promise: held, resolve: release } = withResolvers();
  const gateway = await startDemoGateway((_one, index) => (index < 2 ? 200 : held.then(() => 200)));
  const [one, two] = [await gateway.deliver(), await gateway.deliver()];
  const program = spawnProgram(process.execPath, [CARVOS, 'replay', one.id, two.id, '--yes'], {
    cwd: gateway.cwd,
  });
  await gateway.receiver.waitFor(4);
  expect((await program.end('SIGINT')).code).toBe(130);
  expect(program.stderr).toContain('goes on with them');
  release();
  for (const { reference_id } of [one, two]) {
    const waited = await gateway.control.wait(reference_id, { until: 'success', timeoutMs: 60_000 });
    expect(waited.met).toBe(true);
  }
});

test('deliveries show --curl sends the same bytes at any size, both directions', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({ note: `it's "é" $HOME \`x\` %s\\n ${'x'.repeat(70_000)}` });
  const shown = await gateway.carvos('deliveries', 'show', origin.id, '--curl');
  expect(shown.code).toBe(0);
  expect(shown.stderr).toContain(`carvos replay ${origin.id}`);
  expect(shown.stderr).toMatch(/0ms old|\ds old|\dms old/);
  expect((await runProgram('sh', [], { input: shown.stdout })).code).toBe(0);
  const [first, second] = gateway.receiver.received;
  expect(second!.body.equals(first!.body)).toBe(true);
  expect(second!.headers['x-webhook-signature']).toBe(first!.headers['x-webhook-signature']);
  expect(second!.headers['x-carv-event']).toBe('candidate.created');

  const id = (await gateway.control.log({ direction: 'incoming' })).items[0]!.id;
  const incoming = await gateway.carvos('deliveries', 'show', id, '--curl');
  const answer = (await runProgram('sh', [], { input: incoming.stdout })).stdout;
  // The same event_id with the same bytes: known, so the first reference comes back.
  expect(answer).toContain('202');
  expect(answer).toContain(origin.reference_id);

  await gateway.control.changeAts('demo-ats', { webhook_url: null });
  const nowhere = await gateway.deliver();
  const none = await gateway.carvos('deliveries', 'show', nowhere.id, '--curl');
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('--to URL');
});
