import { expect, test } from 'vitest';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { postWebhook, startDev } from '../../support/dev-process.ts';
import { candidateCreated, postWebhook as post } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { serve } from '../../support/receiver.ts';
import { hmacHex as hex } from '../../support/sign.ts';

const EVENT =
  '{"event":"candidate.created","event_id":"evt-1","client_id":"acme-corp","user_id":"admin-user","candidate_id":"c-1","first_name":"Jane","last_name":"Smith","email":"jane@example.com"}';

test('dev says why it refuses, and what a receiver that names its value did wrong; verify --delivery too', async () => {
  const serving = await serve(({ headers, body }, response) => {
    // Signs what it parsed, with Python's spaces.
    const t = /t=([0-9]+)/.exec(String(headers['x-webhook-signature']))![1];
    const again = JSON.stringify(JSON.parse(body.toString()), null, 2);
    response.writeHead(401).end(`expected ${hex('demo-outgoing-secret', `${t}.${again}`)}`);
  });
  const folder = tempFolder();
  const url = `${serving.url}/`;
  const dev = await startDev(folder, ['--webhook-url', url, '--speed', 'manual']);

  expect((await postWebhook(dev, EVENT, 'demo-outgoing-secret')).status).toBe(401);
  await dev.program.waitForText(/why: other_direction\./);
  expect((await postWebhook(dev, EVENT)).status).toBe(202);
  await dev.program.waitForText(/why: body_reserialized\. Your receiver hashed/);

  const list = await runCli(['deliveries', '--json'], { cwd: folder });
  const { items } = JSON.parse(list.stdout) as {
    items: { id: string; direction: string; outcome: string }[];
  };
  const refused = items.find((one) => one.direction === 'incoming' && one.outcome === 'failure')!;
  const sent = items.find((one) => one.direction === 'outgoing')!;

  const incoming = await runCli(['verify', '--delivery', refused.id, '--json'], { cwd: folder });
  expect(incoming.code).toBe(3);
  expect(JSON.parse(incoming.stdout)).toMatchObject({
    valid: false,
    direction: 'incoming',
    diagnosis: { findings: [{ code: 'other_direction' }] },
  });
  const shown = await runCli(['deliveries', 'show', refused.id], { cwd: folder });
  expect(shown.stdout).toContain('why: other_direction.');
  // The genuine signature verifies; with another secret it does not.
  const genuine = await runCli(['verify', '--delivery', sent.id], { cwd: folder });
  expect([genuine.code, genuine.stdout]).toEqual([0, expect.stringMatching(/^valid/)]);
  expect(genuine.stderr).toContain(`carvos verify --delivery ${sent.id} --computed DIGITS`);
  const other = await runCli(
    ['verify', '--delivery', sent.id, '--secret', 'demo-outgoing-secret ', '--json'],
    { cwd: folder },
  );
  expect(other.code).toBe(3);
  expect(JSON.parse(other.stdout).diagnosis.findings[0].code).toBe('secret_whitespace');
  const computed = await runCli(['verify', '--delivery', sent.id, '--computed', 'ab'.repeat(32)], {
    cwd: folder,
  });
  expect(computed.code).toBe(3);
  expect(computed.stdout).toContain('check next');
  // A budget counts here too, and no body of the user's own is passed over without a word.
  const search = ['verify', '--delivery', sent.id, '--computed', 'ab'.repeat(32), '--json'];
  const tried = async (...budget: string[]) =>
    JSON.parse((await runCli([...search, ...budget], { cwd: folder })).stdout).diagnosis.tried as number;
  expect(await tried('--budget', '1k')).toBeLessThan(await tried());
  const beside = await runCli(['verify', 'body.json', '--delivery', sent.id], { cwd: folder });
  expect([beside.code, beside.stderr]).toEqual([2, expect.stringContaining('a record has its own body')]);
  expect((await runCli(['verify', '--delivery', 'dlv_none/1'], { cwd: folder })).code).toBe(4);
});

test('of a delivery that was not attempted yet there is nothing to verify', async () => {
  const { emulator, control, carvos } = await startDemoGateway();
  emulator.holdDeliveries();
  const event = candidateCreated({});
  const { json } = await post(emulator.url, event, { ats: 'demo-ats', secret: 'demo-incoming-secret' });
  const deliveries = async () => (await control.trace(json.reference_id)).deliveries;
  await expect.poll(async () => (await deliveries()).length).toBe(1);
  const [pending] = await deliveries();
  for (const command of [
    ['verify', '--delivery'],
    ['deliveries', 'show', '--curl'],
  ]) {
    const { code, stderr } = await carvos(...command, pending!.id);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${pending!.id} was not attempted yet`)]);
  }
});
