import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MeetingView } from '../../../src/contract/meeting.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startJudgingReceiver } from '../../support/receiver.ts';

const EVENTS = ['meeting.transcript_ready', 'meeting.summary_ready', 'meeting.notes_ready'];

test('record: made up, from a transcript, with --wait, and what it cannot do', async () => {
  const cwd = tempFolder();
  const receiver = await startJudgingReceiver(() => 200);
  const dev = await startDev(cwd, ['--db', ':memory:', '--webhook-url', receiver.url]);
  expect((await postWebhook(dev, candidateCreated('cand-1'))).status).toBe(202);
  await receiver.waitUntil((received) => received.length === 1, 'the candidate');

  const made = await runCli(['meeting', 'record', '--candidate', 'cand-1', '--json', '--wait'], { cwd });
  expect(made.code).toBe(0);
  const meeting = JSON.parse(made.stdout);
  expect(MeetingView.parse(meeting).events.map(({ event }) => event)).toEqual(EVENTS);
  expect(meeting.deliveries.map((one: { state: string }) => one.state)).toEqual([
    'delivered',
    'delivered',
    'delivered',
  ]);
  const bodies = () => receiver.received.slice(1).map(({ json }) => json as Record<string, unknown>);
  expect(bodies().map(({ event }) => event)).toEqual(EVENTS);
  expect(receiver.received.every(({ signed }) => signed)).toBe(true);
  expect(bodies()[0]!.data).toMatchObject({ meeting_id: meeting.meeting_id, candidate_id: 'cand-1' });
  expect(JSON.stringify(bodies()[0]!.data)).toContain('Sanne de Wit');
  await dev.program.waitForText(new RegExp(meeting.meeting_id));

  writeFileSync(join(cwd, 'talk.vtt'), 'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Piet & Co>Is 1 < 2?\n');
  const given = await runCli(['meeting', 'record', '--client-id', 'acme-corp', '--transcript', 'talk.vtt'], {
    cwd,
  });
  expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining('meeting.notes_ready') });
  const piped = await runCli(['meeting', 'record', '--transcript', '-'], { cwd, stdin: 'Anna: Hello.\n' });
  expect(piped.code).toBe(0);
  await receiver.waitUntil((received) => received.length === 10, 'three meetings');
  const transcripts = bodies()
    .filter(({ event }) => event === EVENTS[0])
    .map(({ data }) => (data as { transcript: string }).transcript);
  expect(transcripts.slice(1)).toEqual([
    '<div class="transcript"><p><strong>Piet &amp; Co:</strong> Is 1 &lt; 2?</p></div>',
    '<div class="transcript"><p><strong>Anna:</strong> Hello.</p></div>',
  ]);

  const unknown = await runCli(['meeting', 'record', '--application', 'app-x'], { cwd });
  expect(unknown).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringMatching(
      /There is no application app-x in acme-corp[\s\S]*next: send it first, as with carvos send application\.created/,
    ),
  });
  const admin = ['--name', 'O', '--admin-name', 'O', '--admin-email', 'o@other.example'];
  expect((await runCli(['workspace', 'add', 'other', ...admin], { cwd })).code).toBe(0);
  const several = await runCli(['meeting', 'record'], { cwd });
  expect(several.stderr).toMatch(/Say which workspace.*acme-corp, other.*\n.*\n {2}next: add --client-id/);
  const nowhere = await runCli(['meeting', 'record', '--application', 'app-x'], { cwd });
  expect(nowhere.stderr).toMatch(
    /No workspace has application app-x[\s\S]*next: send it first, as with carvos send application\.created/,
  );
  const missing = await runCli(['meeting', 'record', '--transcript', 'none.txt'], { cwd });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('no such file') });
  const binary = await runCli(['meeting', 'record', '--transcript', '-'], {
    cwd,
    stdin: new Uint8Array([0xff, 0xfd, 0x80]),
  });
  expect(binary).toMatchObject({ code: 2, stderr: expect.stringContaining('UTF-8') });
});

test('three events survive a kill between being recorded and being delivered', async () => {
  const cwd = tempFolder();
  const { promise: held, resolve: release } = withResolvers();
  let hold = true;
  const receiver = await startJudgingReceiver(async () => {
    if (hold) await held;
    return 200;
  });
  const args = ['--db', 'carvos.db', '--webhook-url', receiver.url];
  const before = await startDev(cwd, args);
  const { stdout } = await runCli(['meeting', 'record', '--json'], { cwd });
  const { events } = MeetingView.parse(JSON.parse(stdout));
  await before.program.end('SIGKILL');
  hold = false;
  release();

  await startDev(cwd, args);
  await receiver.waitUntil(
    (received) =>
      events.every(({ event_id }) =>
        received.some(({ json, status }) => json.event_id === event_id && status === 200),
      ),
    'all three',
  );
  const order = receiver.received.map(({ json }) => EVENTS.indexOf(String(json.event)));
  expect(order).toEqual([...order].sort());
});

test('without a gateway it ends with 2, and --wait with 1 when the receiver refuses', async () => {
  const cwd = tempFolder();
  expect((await runCli(['meeting', 'record'], { cwd })).code).toBe(2);
  const receiver = await startJudgingReceiver(({ json }) => (json.event === EVENTS[1] ? 500 : 200));
  await startDev(cwd, ['--db', ':memory:', '--webhook-url', receiver.url, '--speed', 'max']);
  const { code, stdout } = await runCli(['meeting', 'record', '--wait'], { cwd });
  expect([code, stdout]).toEqual([1, expect.stringMatching(/exhausted.*meeting\.summary_ready/)]);
});

test('beside the ATSs that scenarios added it is about the configured one', async () => {
  const cwd = tempFolder({ 'flow.yaml': 'steps: [{ request: GET /healthz }]\n' });
  await startDev(cwd, ['--db', ':memory:']);
  expect((await runCli(['run', 'flow.yaml'], { cwd })).code).toBe(0);
  const made = await runCli(['meeting', 'record', '--json'], { cwd });
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('"client_id":"acme-corp"')]);
  const names = ['--name', 'N', '--admin-name', 'A', '--admin-email', 'a@b.example'];
  const added = await runCli(['workspace', 'add', 'another', ...names, '--json'], { cwd });
  expect([added.code, added.stdout]).toEqual([0, expect.stringContaining('"ats_id":"demo-ats"')]);
  const member = ['--user-id', 'u', '--name', 'U', '--email', 'u@b.example'];
  expect((await runCli(['workspace', 'member-add', 'another', ...member], { cwd })).code).toBe(0);

  const env = { CARVOS_ATS_ID: 'unknown' };
  const unknown = await runCli(['meeting', 'record'], { cwd, env });
  expect([unknown.code, unknown.stderr]).toEqual([4, expect.stringContaining('Unknown ATS unknown')]);
});

test('of two configured ATSs one has to be named, and it says how', async () => {
  const ats = ['north', 'south'].map((id) => ({
    id,
    apiKey: `key-${id}`,
    incomingSecret: `in-${id}`,
    outgoingSecret: `out-${id}`,
  }));
  const cwd = tempFolder({ 'carvos.config.json': JSON.stringify({ ats }) });
  await startDev(cwd, ['--db', ':memory:']);
  const { code, stderr } = await runCli(['meeting', 'record'], { cwd });
  expect([code, stderr]).toEqual([4, expect.stringContaining('next: add --ats-id')]);
  for (const { id } of ats) {
    const names = ['--name', `of ${id}`, '--admin-name', 'A', '--admin-email', 'a@b.example'];
    const { stdout } = await runCli(['workspace', 'add', 'same', ...names, '--ats-id', id], { cwd });
    expect(stdout).toContain(`same (of ${id}): provisioned`);
  }
});
