import { describe, expect, test } from 'vitest';
import { certificateFolder, startTlsReceiver } from '../../support/certificates.ts';
import { startTestEmulator, testAts } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli } from '../../support/program.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

const FLOW = { 'flow.yaml': 'steps:\n  - send: candidate.created\n    expect: { outcome: delivered }\n' };

/** Deliveries, and the wait before them, reach the receiver with these flags. */
const run = (folder: string, url: string, flags: string[], env?: Record<string, string>, timeout = '60s') =>
  runCli(['run', 'flow.yaml', '--webhook-url', url, '--wait-for', url, '--timeout', timeout, ...flags], {
    cwd: folder,
    env,
  });

describe.skipIf(!havePrograms('run against a receiver over TLS', 'openssl'))('run', () => {
  test.each([
    ['its authority in --receiver-ca', ['--receiver-ca', 'Our CA.pem'], 0],
    ['--insecure-receiver', ['--insecure-receiver'], 0],
    ['neither', [], 5],
  ])('reaches a receiver of an own authority with %s', async (_what, flags, code) => {
    const { folder, make } = certificateFolder(tempFolder(FLOW));
    const { url, requests } = await startTlsReceiver(make('own', { issuer: make('Our CA', { ca: true }) }));
    const result = await run(folder, url, flags, undefined, code === 0 ? undefined : '2s');
    expect([result.code, result.stderr]).toEqual([code, expect.any(String)]);
    expect(requests.filter(({ headers }) => headers['x-webhook-signature'])).toHaveLength(code === 0 ? 1 : 0);
    expect(/certificates of receivers .* are not checked/.test(result.stderr)).toBe(
      flags.includes('--insecure-receiver'),
    );
  });

  test('says beside a running gateway that deliveries go by the certificates of that one', async () => {
    const refused = { 'flow.yaml': FLOW['flow.yaml'].replace('delivered', 'error') };
    const { folder, make } = certificateFolder(tempFolder(refused));
    const { url, requests } = await startTlsReceiver(make('own', { issuer: make('Our CA', { ca: true }) }));
    const { emulator } = await startTestEmulator({ ats: [testAts('demo-ats', null)] });
    const env = { CARVOS_URL: emulator.url, CARVOS_CONTROL_TOKEN: emulator.controlToken };
    const { code, stderr } = await run(folder, url, ['--receiver-ca', 'Our CA.pem'], env);
    // What was waited for answered; no delivery reached it.
    expect([code, requests.map(({ headers }) => headers['x-webhook-signature'])]).toEqual([0, [undefined]]);
    expect(stderr).toContain(`deliveries come from the gateway that runs here (${emulator.url})`);
    expect(stderr).toContain('start carvos dev with them');
  });

  test('says which file of --receiver-ca cannot be used, and starts nothing', async () => {
    const folder = tempFolder({ ...FLOW, 'no.pem': 'nothing' });
    for (const file of ['no.pem', 'missing.pem']) {
      const { code, stderr } = await run(folder, 'https://localhost:1/hook', ['--receiver-ca', file]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(file)]);
    }
  });
});

test('run --proxy: what is waited for and deliveries go through the proxy, without it past it', async () => {
  // A proxy that answers in the place of every receiver.
  const proxy = await startRecordingServer(() => ({ status: 200 }));
  const env = { HTTP_PROXY: proxy.url };
  const { code } = await run(tempFolder(FLOW), 'http://10.20.30.40:81/hook', ['--proxy'], env);
  expect(code).toBe(0);
  expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET http://10.20.30.40:81/hook',
    'POST http://10.20.30.40:81/hook',
  ]);
  const direct = await startRecordingServer(() => ({ status: 200 }));
  expect((await run(tempFolder(FLOW), `${direct.url}/hook`, [], env)).code).toBe(0);
  expect([direct.requests.length, proxy.requests.length]).toEqual([2, 2]);
});

test('run --proxy: what a step asks of the ATS goes through the proxy, and what it asks of the gateway does not', async () => {
  const proxy = await startRecordingServer(() => ({ status: 200 }));
  const steps = '  - request: GET http://10.20.30.40:81/state\n  - request: GET /healthz\n';
  const folder = tempFolder({ 'flow.yaml': `steps:\n${steps}` });
  const args = ['run', 'flow.yaml', '--proxy'];
  const { code } = await runCli(args, { cwd: folder, env: { HTTP_PROXY: proxy.url } });
  expect([code, proxy.requests.map(({ path }) => path)]).toEqual([0, ['http://10.20.30.40:81/state']]);
});

test('which ATS it is of several is said as everywhere: by --ats-id or CARVOS_ATS_ID, and one that is not there is refused', async () => {
  const ats = ['north', 'south'].map((id) => ({
    id,
    apiKey: `key-${id}`,
    incomingSecret: id,
    outgoingSecret: 'c',
  }));
  const flow = `steps:\n  - run: test "$CARVOS_INCOMING_SECRET" = south\n`;
  const folder = tempFolder({ 'flow.yaml': flow, 'carvos.config.json': JSON.stringify({ ats }) });
  const runAs = async (args: string[], CARVOS_ATS_ID?: string) => {
    const env = CARVOS_ATS_ID === undefined ? undefined : { CARVOS_ATS_ID };
    const { code, stderr } = await runCli(['run', 'flow.yaml', ...args], { cwd: folder, env });
    return [code, stderr];
  };
  expect(await runAs([])).toEqual([2, expect.stringContaining('choose one with --ats-id: north, south')]);
  expect(await runAs([], 'east')).toEqual([
    2,
    expect.stringContaining('there is no ATS east in the config file'),
  ]);
  expect(await runAs(['--ats-id', 'west'], 'south')).toEqual([2, expect.stringContaining('no ATS west')]);
  expect(await runAs([], 'south')).toEqual([0, '']);
  expect(await runAs(['--ats-id', 'south'], 'north')).toEqual([0, '']);
});

test('under exec it is the ATS that exec is about, of several, and its receiver', async () => {
  const receiver = await startRecordingServer(() => ({ status: 200 }));
  const ats = [
    { id: 'north', apiKey: 'a', incomingSecret: 'b', outgoingSecret: 'c', webhookUrl: 'http://127.0.0.1:1' },
    { id: 'south', apiKey: 'd', incomingSecret: 'e', outgoingSecret: 'f' },
  ];
  const folder = tempFolder({ ...FLOW, 'carvos.config.json': JSON.stringify({ ats }) });
  const run = ['--', process.execPath, CARVOS, 'run', 'flow.yaml'];
  const args = ['exec', '--ats-id', 'south', '--webhook-url', receiver.url, ...run];
  const { code, stdout } = await runCli(args, { cwd: folder });
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 of 1 scenarios passed')]);
  expect(receiver.requests).toHaveLength(1);
});
