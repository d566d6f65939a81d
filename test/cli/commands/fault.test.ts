import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FaultList, FaultView } from '../../../src/contract/fault-view.ts';
import { FAULT_KINDS } from '../../../src/contract/faults.ts';
import { candidateCreated, postWebhook, startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { startJudgingReceiver } from '../../support/receiver.ts';

test('add, see it applied, list, clear', async () => {
  const cwd = tempFolder();
  const receiver = await startJudgingReceiver(({ signed }) => (signed ? 200 : 401));
  const args = ['--db', ':memory:', '--webhook-url', receiver.url, '--speed', 'manual', '--seed', '42'];
  const dev = await startDev(cwd, args);

  const none = await runCli(['fault'], { cwd });
  expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('No fault is in force') });

  const added = await runCli(
    [
      ...['fault', 'add', 'wrong-signature', '--event', 'candidate.created', '--client-id', 'acme-corp'],
      ...['--ats-id', 'demo-ats', '--first', '1', '--id', 'bad-sig', '--json'],
    ],
    { cwd },
  );
  expect(added.code).toBe(0);
  expect(FaultView.parse(JSON.parse(added.stdout))).toMatchObject({
    id: 'bad-sig',
    kind: 'wrong-signature',
    on: 'delivery',
    client_id: 'acme-corp',
    ats_id: 'demo-ats',
    first: 1,
    share: 1,
  });
  const busy = ['fault', 'add', 'status-429', '--on', 'ingress', '--retry-after', '5', '--count', '1'];
  const text = await runCli(busy, { cwd });
  expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining('carvos fault clear fault-1') });
  expect((await runCli(['fault', 'add', 'slow', '--share', '20%', '--delay', '50ms'], { cwd })).code).toBe(0);

  const refused = await postWebhook(dev, candidateCreated('one'));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  expect((await postWebhook(dev, candidateCreated('one'))).status).toBe(202);
  await receiver.waitUntil((received) => received.length === 1, 'the first attempt');
  expect(receiver.received.map(({ signed }) => signed)).toEqual([false]);
  await dev.program.waitForText(/429.*fault status-429/);
  await dev.program.waitForText(/401.*fault wrong-signature/);
  await dev.program.waitForText(/the receiver is right to refuse it/);

  const listed = await runCli(['fault', 'list', '--json'], { cwd });
  const list = FaultList.parse(JSON.parse(listed.stdout));
  expect(list.seed).toBe(42);
  expect(list.items).toMatchObject([
    { id: 'bad-sig', applied_count: 1, remaining: null },
    { id: 'fault-1', applied_count: 1, remaining: 0, retry_after: 5 },
    { id: 'fault-2', kind: 'slow', share: 0.2, delay_ms: 50 },
  ]);
  const table = (await runCli(['fault'], { cwd })).stdout;
  expect(table).toContain('slow on 20 % of deliveries, 50ms');
  expect(table).toContain('Seed 42');

  expect(await runCli(['fault', 'clear', 'bad-sig'], { cwd })).toMatchObject({
    code: 0,
    stdout: 'Cleared: bad-sig\n',
  });
  // As by "$ID", where that is not set.
  expect(await runCli(['fault', 'clear', ''], { cwd })).toMatchObject({ code: 2, stdout: '' });
  const rest = await runCli(['fault', 'clear', '--json'], { cwd });
  expect(JSON.parse(rest.stdout)).toEqual({ version: 2, cleared: ['fault-1', 'fault-2'] });
  expect(await runCli(['fault', 'clear', 'bad-sig'], { cwd })).toMatchObject({ code: 4 });
});

test('the config file: applied at the start, and again when it changes', async () => {
  const cwd = tempFolder();
  const file = join(cwd, 'carvos.config.json');
  const write = (faults: unknown[]) =>
    writeFileSync(file, JSON.stringify({ db: ':memory:', seed: 9, faults }));
  write([{ kind: 'status-503', on: 'ingress', clientId: 'acme-corp', retryAfter: 3, count: 1 }]);
  const dev = await startDev(cwd, []);
  await dev.program.waitForText(/faults .*status-503 on incoming events for acme-corp, Retry-After 3/);
  const refused = await postWebhook(dev, candidateCreated('one'));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);

  write([{ kind: 'slow', on: 'ingress', delay: '1m30s', id: 'slow-one' }]);
  await dev.program.waitForText(/changed: faults of the config file: 1/);
  const listed = await runCli(['fault', '--json'], { cwd });
  expect(JSON.parse(listed.stdout)).toMatchObject({
    seed: 9,
    items: [{ id: 'slow-one', delay_ms: 90_000, origin: 'config', applied_count: 0 }],
  });

  write([{ kind: 'stale', on: 'ingress' }]);
  await dev.program.waitForText(/faults\[0\]\.on: stale can act on delivery only/);
  write([{ kind: 'slow', delay: '11m' }]);
  await dev.program.waitForText(/the delay of a fault is 11m/);
  write([{ kind: 'stale', clientid: 'x' }]);
  await dev.program.waitForText(/faults\[0\]\.clientid: is not a known field.*Did you mean clientId/);
});

test.each([
  [['stael'], 'Did you mean stale?'],
  [['stale', '--on', 'ingress'], '--on: stale can act on delivery only'],
  [['stale', '--on', 'nowhere'], 'not one of delivery, ingress'],
  [['slow', '--share', '0'], '--share'],
  [['slow', '--share', '120%'], '--share'],
  [['slow', '--first', 'two'], '--first'],
  [['slow', '--first', '0'], '--first'],
  [['slow', '--delay', 'soon'], '--delay'],
  [['stale', '--delay', '2s'], '--delay: is for reorder, delay, slow'],
  [['slow', '--event', 'workspace.created'], '--event: workspace.created is not an outgoing event'],
  [['slow', '--delay', '11m'], '--delay: must be above 0 and at most 10 minutes'],
  [[], 'kind'],
])('fault add %j is refused before anything is asked: %s', async (args, said) => {
  const result = await runCli(['fault', 'add', ...args], { cwd: tempFolder() });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain(said);
});

test('without a gateway: exit 2', async () => {
  expect(await runCli(['fault', 'add', 'stale'], { cwd: tempFolder() })).toMatchObject({ code: 2 });
  expect(await runCli(['dev', '--seed', 'x'], { cwd: tempFolder() })).toMatchObject({ code: 2 });
});

test('the help lists every kind, where it acts and what it does', async () => {
  const { code, stdout } = await runCli(['fault', 'add', '--help'], { cwd: tempFolder() });
  expect(code).toBe(0);
  for (const kind of FAULT_KINDS)
    expect(stdout).toMatch(new RegExp(`^  ${kind} +((ingress, )?delivery(, ai)?|ai) +\\S`, 'm'));
});
