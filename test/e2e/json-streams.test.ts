import { expect, test } from 'vitest';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { candidateCreated, postWebhook } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { problemsOf, readSchema } from '../support/json-schemas.ts';
import { runCli, startCarvos } from '../support/program.ts';
import { startRecordingServer } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';

type Line = Record<string, unknown> & { type: string };

function readLines(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function problemsOfAll(name: string, lines: readonly unknown[]): string[] {
  return lines.flatMap((line) =>
    problemsOf(name, line).map((problem) => `${problem}: ${JSON.stringify(line)}`),
  );
}

test('every line of dev --json is what its schema says, and every type in the schema comes', async () => {
  const cwd = tempFolder();
  const dev = startCarvos(['dev', '--json', '--port', '0', '--db', ':memory:'], { cwd });
  await dev.waitUntil(() => dev.stdout.includes('\n'), 'a line');
  const [ready] = readLines(dev.stdout) as [Line & { url: string }];
  await postWebhook(ready, candidateCreated('cand-1'));
  await dev.waitForText('"type":"attempt.finished"');
  await postWebhook(ready, candidateCreated('cand-2', { email: 'jane+ai-fail@example.com' }));
  await dev.waitForText('"state":"failed"');
  await postWebhook(ready, candidateCreated('cand-3'), 'demo-outgoing-secret');
  await dev.waitForText('"type":"request.refused"');
  expect((await runCli(['clock', 'pause'], { cwd })).code).toBe(0);
  expect((await runCli(['reset', '--yes'], { cwd })).code).toBe(0);
  await dev.waitForText('"type":"notice"');
  dev.kill('SIGINT');
  const { code, stdout } = await dev.ended;
  expect(code).toBe(0);

  const lines = readLines(stdout);
  expect(problemsOfAll('dev', lines)).toEqual([]);
  const { oneOf } = readSchema('dev') as { oneOf: { properties: { type: { const: string } } }[] };
  const promised = oneOf.map(({ properties }) => properties.type.const);
  expect(promised).toContain('ready');
  expect([...new Set(lines.map(({ type }) => type))].sort()).toEqual([...promised].sort());
  // The refused one is explained, in the stream too.
  expect(lines.find(({ type }) => type === 'request.refused')).toHaveProperty(
    'diagnosis.verdict',
    'explained',
  );
});

test('listen --json tells of good and bad requests, forwarded or not, as its schema says', async () => {
  const forward = await startRecordingServer(() => ({ status: 204 }));
  const cwd = tempFolder();
  const body = Buffer.from('{"event":"candidate.created"}');
  for (const target of [forward.url, 'http://127.0.0.1:1']) {
    const listen = startCarvos(['listen', '--json', '--port', '0', '--forward', target], { cwd });
    await listen.waitUntil(() => listen.stdout.includes('\n'), 'a line');
    const [first] = readLines(listen.stdout) as [Line & { url: string }];
    const now = Math.floor(Date.now() / 1000);
    const good = signLikeTheGuides(body, 'demo-outgoing-secret', now);
    const bad = signLikeTheGuides(body, 'demo-incoming-secret', now);
    for (const signature of [good, bad]) {
      await fetch(first.url, { method: 'POST', body, headers: { 'x-webhook-signature': signature } });
    }
    await listen.waitUntil(() => listen.stdout.split('\n').length > 3, 'three lines');
    listen.kill('SIGINT');
    const lines = readLines((await listen.ended).stdout);
    expect(problemsOfAll('listen', lines)).toEqual([]);
    expect(lines.map(({ type }) => type)).toEqual(['listening', 'request', 'request']);
    expect(lines[1]).toHaveProperty('forwarded.status', target === forward.url ? 204 : null);
    expect(lines[2]).toHaveProperty('diagnosis.findings.0.code');
  }
});

test('a wait that was interrupted or given up is reported as the schema of send says', async () => {
  const gateway = await startDemoGateway(() => 500, { speed: 'manual' });
  const args = ['send', 'candidate.created', '--json', '--wait', '--timeout'];
  const cut = startCarvos([...args, '60s'], { cwd: gateway.cwd });
  await expect.poll(() => gateway.receiver.received.length).toBe(1);
  cut.kill('SIGINT');
  const interrupted = await cut.ended;
  const late = await gateway.carvos(...args, '2s');
  const lines = [...readLines(interrupted.stdout), ...readLines(late.stdout)];
  expect(problemsOfAll('send', lines)).toEqual([]);
  expect(lines).toMatchObject([{ interrupted: true }, { wait: { done: false, met: false } }]);
});
