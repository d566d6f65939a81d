import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDevAlone } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { serveHttp, startJudgingReceiver } from '../../support/receiver.ts';
import { configFolder, OWN, said, statusOf, WORKSPACE } from './dev-folder.ts';

describe('a changed configuration', () => {
  test('is applied and named: webhook URL, secrets, speed, workspace', async () => {
    const [first, second] = [
      await startJudgingReceiver(() => 200, 'out-1'),
      await startJudgingReceiver(() => 200, 'out-2'),
    ];
    const before = { incomingSecret: 'in-1', outgoingSecret: 'out-1', webhookUrl: first.url };
    const { folder, change } = configFolder(before, { speed: 60 });
    const dev = await startDevAlone(folder, []);
    expect(await statusOf(dev, 'cand-1', 'in-1')).toBe(202);
    await first.waitUntil((received) => received.length === 1, 'the first webhook');
    expect(await statusOf(dev, 'cand-x', 'in-1', { client_id: 'beta-bv' })).toBe(404);

    change({ ...before, webhookUrl: second.url });
    await dev.program.waitForText(new RegExp(`webhook URL is now ${second.url}`));
    change({ ...before, webhookUrl: second.url, outgoingSecret: 'out-2' });
    await dev.program.waitForText(/demo-ats: outgoing secret changed/);
    expect(await statusOf(dev, 'cand-2', 'in-1')).toBe(202);
    await second.waitUntil((received) => received.length === 1, 'the second webhook');
    expect(second.received[0]?.signed).toBe(true);
    expect(first.received).toHaveLength(1);

    const now = { webhookUrl: second.url, outgoingSecret: 'out-2', incomingSecret: 'in-2' };
    change(now);
    await dev.program.waitForText(/demo-ats: incoming secret changed/);
    expect(await statusOf(dev, 'cand-3', 'in-1')).toBe(401);
    expect(await statusOf(dev, 'cand-3', 'in-2')).toBe(202);

    change({ ...now, workspaces: [WORKSPACE, { ...WORKSPACE, clientId: 'beta-bv' }] }, { speed: 600 });
    await dev.program.waitForText(/speed is now 600/);
    expect(said(dev)).toContain('workspace beta-bv added');
    expect(await statusOf(dev, 'cand-4', 'in-2', { client_id: 'beta-bv' })).toBe(202);
  });

  test('names a limit and a rule that changed, and what waits for the next start', async () => {
    const { folder, change } = configFolder({}, { receiverTimeout: '5s', unprovisioned: 'reject' });
    const dev = await startDevAlone(folder, []);
    change({}, { receiverTimeout: 'off' });
    await dev.program.waitForText(/receiver timeout is now off/);
    expect(await statusOf(dev, 'cand-1', undefined, { client_id: 'nobody' })).toBe(404);
    change({}, { receiverTimeout: 'off', unprovisioned: 'fail-later' });
    await dev.program.waitForText(/unprovisioned is now fail-later/);
    expect(await statusOf(dev, 'cand-2', undefined, { client_id: 'nobody' })).toBe(202);
    change({}, { receiverTimeout: 'off', unprovisioned: 'fail-later', allowHosts: ['gateway'] });
    await dev.program.waitForText(/allowHosts changes with the next start/);
    change({}, { receiverTimeout: 'off', unprovisioned: 'fail-later', inFlight: { perReceiver: 7 } });
    await dev.program.waitForText(/inFlight changes with the next start/);
    expect(said(dev)).not.toContain('nothing that matters');
  });

  test.each([
    ['is made', {}, /receiver timeout is now off/],
    ['takes .env away', { '.env': 'CARVOS_INCOMING_SECRET=in-1\n' }, /incoming secret changed/],
    [
      'takes the facts away',
      { 'carvos.facts.json': '{"version":1,"cvField":"resume"}' },
      /facts in force: 0/,
    ],
  ])('is seen also where it %s during the start', async (_, files, words) => {
    const { folder, change } = configFolder();
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    // Who starts asks whether the gateway of an earlier file is still there: the configuration was read by then.
    const { url } = await serveHttp((_request, response) => {
      if (Object.keys(files).length === 0) change({}, { receiverTimeout: 'off' });
      for (const name of Object.keys(files)) rmSync(join(folder, name), { force: true });
      response.writeHead(401).end('{"detail":"another token"}');
    });
    mkdirSync(join(folder, '.carvos'));
    const earlier = { url, token: 'tok', pid: process.pid };
    writeFileSync(join(folder, '.carvos/emulator.json'), JSON.stringify(earlier));
    const dev = await startDevAlone(folder, []);
    await dev.program.waitForText(words);
  });

  test('that is invalid is reported with file, line and field, and the old settings stay', async () => {
    const { folder, path, write, change } = configFolder({ incomingSecret: 'in-1' });
    const dev = await startDevAlone(folder, []);
    write(
      '{\n  "ats": [\n    {"id": "demo-ats", "incomingSecret": "in-2",\n     "webhookURL": "http://localhost:1"}\n  ]\n}\n',
    );
    await dev.program.waitForText(/The old settings stay in force/);
    expect(said(dev)).toContain(`${path}:4  ats[0].webhookURL`);
    expect(said(dev)).toContain('Did you mean webhookUrl?');
    expect(await statusOf(dev, 'cand-1', 'in-2')).toBe(401);
    expect(await statusOf(dev, 'cand-2', 'in-1')).toBe(202);

    write('{\n  "ats": [\n');
    await dev.program.waitForText(/not valid JSON/);
    expect(said(dev)).toMatch(/carvos\.config\.json:3:\d+/);
    expect(await statusOf(dev, 'cand-3', 'in-1')).toBe(202);

    change({ incomingSecret: 'in-3' });
    await dev.program.waitForText(/incoming secret changed/);
    expect(await statusOf(dev, 'cand-4', 'in-3')).toBe(202);
    expect(await dev.program.end('SIGINT')).toEqual({ code: 0, signal: null });
  });

  test('that gives an ATS the key of another is reported, and the old settings stay', async () => {
    const { folder, write } = configFolder();
    const dev = await startDevAlone(folder, []);
    write(
      JSON.stringify({
        ats: [
          { id: 'demo-ats', apiKey: 'key-1' },
          { id: 'other', ...OWN },
        ],
      }),
    );
    await dev.program.waitForText(
      /ATS other has the API key of ATS demo-ats.*\n.*The old settings stay in force/,
    );
    write(JSON.stringify({ ats: [{ id: 'demo-ats' }, { id: 'other', ...OWN }] }));
    await dev.program.waitForText(/ATS other added/);
  });

  test('does not undo what the clock was told', async () => {
    const { folder, change } = configFolder({}, { speed: 60 });
    const dev = await startDevAlone(folder, []);
    expect(await runCli(['clock', 'speed', '7'], { cwd: folder })).toMatchObject({ code: 0 });
    change({ name: 'Renamed' }, { speed: 60 });
    await dev.program.waitForText(/name is now Renamed/);
    expect(said(dev)).not.toContain('speed is now 60');
    change({ name: 'Renamed' }, { speed: 600 });
    await dev.program.waitForText(/speed is now 600/);
  });

  test('that is gone changes nothing; the demo ATS does not take its place', async () => {
    const { folder, path, change } = configFolder({ id: 'my-ats', ...OWN });
    const dev = await startDevAlone(folder, []);
    rmSync(path);
    await dev.program.waitForText(/the config file is gone\n.*\n.*\n.*The old settings stay in force/);
    expect(await statusOf(dev, 'cand-1')).toBe(404);
    change({ name: 'Back' });
    await dev.program.waitForText(/my-ats: name is now Back/);
    expect(said(dev)).not.toContain('ATS demo-ats added');
  });

  test('in .env is applied, too', async () => {
    const { folder } = configFolder({ incomingSecret: { env: 'MY_SECRET' } });
    writeFileSync(join(folder, '.env'), 'MY_SECRET=in-1\n');
    const dev = await startDevAlone(folder, []);
    expect(await statusOf(dev, 'cand-1', 'in-1')).toBe(202);
    writeFileSync(join(folder, '.env'), 'MY_SECRET=in-2\n');
    await dev.program.waitForText(/incoming secret changed/);
    expect(await statusOf(dev, 'cand-2', 'in-1')).toBe(401);
    expect(await statusOf(dev, 'cand-3', 'in-2')).toBe(202);
  });

  test('is seen, too, when the files appear only later', async () => {
    const folder = tempFolder();
    const dev = await startDevAlone(folder, []);
    writeFileSync(join(folder, '.env'), 'CARVOS_INCOMING_SECRET=in-1\n');
    await dev.program.waitForText(/incoming secret changed/);
    expect(await statusOf(dev, 'cand-1')).toBe(401);
    expect(await statusOf(dev, 'cand-1', 'in-1')).toBe(202);
    writeFileSync(join(folder, 'carvos.config.json'), '{"speed": 600}');
    await dev.program.waitForText(/speed is now 600/);
  });

  test('of the outgoing secret reaches the built-in receiver, too', async () => {
    const { folder, change } = configFolder({ outgoingSecret: 'out-1' });
    const dev = await startDevAlone(folder, []);
    change({ outgoingSecret: 'out-2' });
    await dev.program.waitForText(/outgoing secret changed/);
    // It verifies with the secret in force, not with the one it was started with.
    const send = ['send', 'candidate.created', '--expect', 'outcome=delivered', '--expect', 'attempts=1'];
    expect(await runCli([...send, '--until', 'first-attempt'], { cwd: folder })).toMatchObject({ code: 0 });
  });

  test('leaves alone what was changed while it ran, as long as the file says the same', async () => {
    const [fromFile, fromPortal, later] = await Promise.all(
      [1, 2, 3].map(() => startJudgingReceiver(() => 200)),
    );
    const { folder, change } = configFolder({ webhookUrl: fromFile!.url });
    const dev = await startDevAlone(folder, []);
    const patched = await fetch(`${dev.url}/_carvos/v1/ats/demo-ats`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${dev.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ webhook_url: fromPortal!.url }),
    });
    expect(patched.status).toBe(200);
    await dev.program.end('SIGINT');

    const again = await startDevAlone(folder, []);
    await again.program.waitForText(new RegExp(`outgoing +${fromPortal!.url}`));
    expect(await statusOf(again, 'cand-1')).toBe(202);
    await fromPortal!.waitUntil((received) => received.length === 1, 'a webhook where the portal said');
    // Touching another field does not bring the file's URL back; a new URL in the file wins.
    change({ name: 'Renamed' });
    await again.program.waitForText(/name is now Renamed/);
    expect(await statusOf(again, 'cand-2')).toBe(202);
    await fromPortal!.waitUntil((received) => received.length === 2, 'a second one');
    change({ name: 'Renamed', webhookUrl: later!.url });
    await again.program.waitForText(/webhook URL is now/);
    expect(await statusOf(again, 'cand-3')).toBe(202);
    await later!.waitUntil((received) => received.length === 1, 'one at the new URL');
    expect(fromFile!.received).toHaveLength(0);
  });
});
