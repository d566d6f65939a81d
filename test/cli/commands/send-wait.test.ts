import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { SECRETS, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { type Received, startTestReceiver } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';

/** A gateway of the test's, which a command in `cwd` finds by its environment. */
async function start(webhookUrl: string | null, options: Parameters<typeof startTestEmulator>[0] = {}) {
  const { emulator, control } = await startTestEmulator({ speed: 'max', ...options }, webhookUrl);
  const cwd = tempFolder();
  const env = { ...emulator.env('test-ats'), CARVOS_CONTROL_TOKEN: emulator.controlToken };
  return { emulator, control, cwd, env };
}

interface Answer {
  status: number;
  body?: string;
}

/** Verifies what it parsed and wrote anew, and says so. */
function refuseIndented(received: Received): Answer {
  const t = /t=(\d+)/.exec(String(received.headers['x-webhook-signature']))![1];
  const indented = JSON.stringify(JSON.parse(received.body.toString()), null, 2);
  return { status: 401, body: `{"computed":"${hmacHex(SECRETS.outgoing, `${t}.${indented}`)}"}` };
}

async function startReceiver(answer: (received: Received) => Answer | Promise<Answer>) {
  let body = '';
  return await startTestReceiver(
    async (received) => {
      const { status, body: text = '' } = await answer(received);
      body = text;
      return status;
    },
    () => body,
  );
}

test('the 202 is told at once, and each attempt when it was made, with its reason', async () => {
  const { promise: held, resolve: answer } = withResolvers();
  const receiver = await startReceiver(async () => {
    await held;
    return { status: 500, body: 'the database is down' };
  });
  const { cwd, env } = await start(receiver.url);
  const running = startCarvos(['send', 'candidate.created', '--wait'], { cwd, env });
  await running.waitForText(/^202 {2}candidate\.created.*\n {2}reference_id /m);
  await running.waitForText('outgoing candidate.created follows');
  expect(running.stdout).not.toContain('attempt 1/5');
  answer();
  const { code, stdout } = await running.ended;
  expect(code).toBe(1);
  expect(stdout.match(/attempt \d\/5/g)).toEqual([1, 2, 3, 4, 5].map((n) => `attempt ${n}/5`));
  expect(
    stdout.match(
      /the receiver, or what stands before it, failed; see its log\. It says: the database is down/g,
    ),
  ).toHaveLength(1);
  expect(stdout).toMatch(/^exhausted {2}candidate\.created .* 5 attempts$/m);
});

test('with --json the one document has a line of why for each delivery', async () => {
  const receiver = await startReceiver(() => ({ status: 500, body: 'the database is down' }));
  const { cwd, env } = await start(receiver.url);
  const { stdout } = await runCli(['send', 'candidate.created', '--wait', '--json'], { cwd, env });
  const [delivery] = JSON.parse(stdout).deliveries;
  expect(delivery.why).toBe(
    '500: the receiver, or what stands before it, failed; see its log. It says: the database is down',
  );
});

test('why is null where it was delivered, and a diagnosis where the 401 says what it computed', async () => {
  const good = await startReceiver(() => ({ status: 200 }));
  const first = await start(good.url);
  const sent = await runCli(['send', 'candidate.created', '--wait', '--json'], first);
  expect(JSON.parse(sent.stdout).deliveries).toMatchObject([{ state: 'delivered', why: null }]);

  const parses = await startReceiver(refuseIndented);
  const second = await start(parses.url);
  const refused = await runCli(['send', 'candidate.created', '--wait', '--json'], second);
  const [delivery] = JSON.parse(refused.stdout).deliveries;
  expect(delivery.why).toMatch(/^why: body_reserialized\. /);
  const { stdout: replayed } = await runCli(['replay', delivery.id], second);
  expect(replayed).toMatch(/^ {2}why: body_reserialized\. /m);
  const { stdout: report } = await runCli(['report', delivery.reference_id], second);
  expect(report.match(/^> why: body_reserialized\. /gm)).toHaveLength(2);
  expect(replayed + report).not.toMatch(/the reason stands here|most likely/);
});

test('whoever looks at an attempt that the gateway had no time for is told why as well', async () => {
  const receiver = await startReceiver(refuseIndented);
  const { cwd, env, control } = await start(receiver.url);
  await runCli(['send', 'candidate.created', '--repeat', '30'], { cwd, env });
  const attempts = async () => (await control.log({ direction: 'outgoing', limit: 1000 })).items;
  await expect.poll(async () => (await attempts()).length).toBe(150);
  const records = await Promise.all((await attempts()).map((one) => control.logRecord(one.id)));
  const id = records.find(({ diagnosis }) => diagnosis === null)?.id;
  expect(id).toBeDefined();
  for (const asked of [id!, id!.split('/')[0]!]) {
    const { stdout } = await runCli(['deliveries', 'show', asked], { cwd, env });
    expect(stdout).toMatch(/^ {2}why: body_reserialized\. /m);
    expect(stdout).not.toContain('most likely');
  }
});

test('what nothing explains is most likely another secret, and ours is named by its fingerprint', async () => {
  const other = createHash('sha256').update('x').digest('hex');
  const receiver = await startReceiver(() => ({ status: 401, body: `computed ${other}` }));
  const { cwd, env } = await start(receiver.url, { speed: 'manual' });
  const ours = createHash('sha256').update(SECRETS.outgoing).digest('hex').slice(0, 8);
  const likely = `most likely another secret: the fingerprint of ours is sha256:${ours}.`;
  const once = ['--wait', '--until', 'first-attempt'];
  const sent = await runCli(['send', 'candidate.created', ...once], { cwd, env });
  expect(sent.stdout).toContain(`why: ${likely}`);
  const id = /dlv_\w+/.exec(sent.stdout)![0];
  const verified = await runCli(['verify', '--delivery', id, '--computed', other, '--budget', '1k'], {
    cwd,
    env,
  });
  expect(verified.stdout.split('\n')[1]!.trim()).toBe(likely.replace('most', 'Most'));
  // Through the gateway, and straight to the receiver.
  const direct = ['trigger', 'candidate.created', '--url', receiver.url];
  for (const more of [[], ['--no-test-header', '--timeout', '60s']]) {
    const triggered = await runCli([...direct, ...more], { cwd, env });
    expect(triggered.stdout).toContain(likely);
  }
  const checked = await runCli(['check', receiver.url, '--timeout', '60s'], { cwd, env });
  expect(checked.stdout).toContain(likely);
  const shown = await runCli(['deliveries', 'show', id], { cwd, env });
  expect(shown.stdout).toContain(`why: ${likely}`);
});

test('a 401 without the value names the command that explains this very delivery', async () => {
  const receiver = await startReceiver(() => ({ status: 401, body: 'no' }));
  const { cwd, env } = await start(receiver.url);
  const { stdout } = await runCli(['send', 'candidate.created', '--wait'], { cwd, env });
  const [, id] = /carvos verify --delivery (\S+) --computed HEX/.exec(stdout)!;
  const other = createHash('sha256').update('x').digest('hex');
  expect(
    (await runCli(['verify', '--delivery', id!, '--computed', other, '--budget', '1k'], { cwd, env })).code,
  ).toBe(3);
});

test('where the clock stands still it says at once that no retry comes', async () => {
  const receiver = await startReceiver(() => ({ status: 500 }));
  const { emulator, cwd, env } = await start(receiver.url, { speed: 'manual' });
  const running = startCarvos(['send', 'candidate.created', '--wait'], { cwd, env });
  await running.waitForText('attempt 1/5');
  expect(running.stderr).toContain('no retry comes until another terminal runs carvos clock next');
  await emulator.clock.drain();
  expect((await running.ended).code).toBe(1);
});

test.each([
  ['a job that failed', '+ai-fail', { outgoing: 1 }],
  ['a webhook that never follows', '+no-result', { outgoing: 0 }],
])('%s is no success, unless that was asked for', async (_what, tag, { outgoing }) => {
  const receiver = await startReceiver(() => ({ status: 200 }));
  const { cwd, env } = await start(receiver.url);
  const send = (...more: string[]) =>
    runCli(['send', 'candidate.created', '--set', `email:=jane${tag}@example.com`, ...more], { cwd, env });
  const waited = await send('--wait', '--json');
  expect(JSON.parse(waited.stdout).deliveries).toHaveLength(outgoing);
  expect(waited.code).toBe(1);
  expect((await send('--until', 'settled')).code).toBe(0);
  expect((await send('--until', 'first-attempt')).code).toBe(1);
});

test('many are told one by one, each with its reason', async () => {
  const receiver = await startReceiver(() => ({ status: 500, body: 'down' }));
  const { cwd, env } = await start(receiver.url);
  writeFileSync(join(cwd, 'none.txt'), '');
  const { stdout } = await runCli(['send', 'candidate.created', '--wait', '--repeat', '2'], { cwd, env });
  expect(
    stdout.match(/500: the receiver, or what stands before it, failed; see its log\. It says: down/g),
  ).toHaveLength(2);
});

test('of no event at all no expectation holds', async () => {
  const { cwd, env } = await start(null);
  const send = (...flags: string[]) => runCli(['send', '-', '--ndjson', ...flags], { cwd, env, stdin: '' });
  const stderr = 'the input has no event, so nothing is sent\n';
  expect(await send('--expect', 'outcome=delivered')).toMatchObject({ code: 1, stderr });
  // Nothing was expected of it, and there is nothing to wait for.
  expect(await send('--wait')).toMatchObject({ code: 0, stderr });
});
