import { expect, test } from 'vitest';
import { candidateCreated, postWebhook, startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

test('assumptions: what the traffic relied on, for people and as JSON, and shown in the status', async () => {
  const folder = tempFolder();
  const dev = await startDev(folder, ['--db', ':memory:']);
  const before = await runCli(['assumptions'], { cwd: folder });
  expect([before.code, before.stdout]).toEqual([0, 'nothing has relied on an assumption yet\n']);

  const answer = await postWebhook(dev, candidateCreated('c-1', { shoe_size: 38 }));
  const { reference_id } = (await answer.json()) as { reference_id: string };
  const { stdout, code } = await runCli(['assumptions'], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+ of \d+ assumptions were relied on\. Check them before you go live\.$/m);
  expect(stdout).toMatch(/^extra-fields-kept {2}once; decided by carvos/m);
  expect(stdout).toContain('  check: Send an extra field and look for it in the outgoing event.');
  expect(stdout).toContain(`  first seen: ${reference_id}`);
  expect(stdout).not.toContain('api-key-unique');

  const all = await runCli(['assumptions', '--all'], { cwd: folder });
  expect(all.stdout).toMatch(/^api-key-unique {2}no traffic can show it/m);
  expect(all.stdout).toMatch(/^cv-field {2}not relied on/m);

  const json = await runCli(['assumptions', '--json'], { cwd: folder });
  expect(json.stderr).toBe('');
  const list = JSON.parse(json.stdout);
  expect(list.items.find((one: { id: string }) => one.id === 'extra-fields-kept')).toMatchObject({
    count: 1,
    sample: reference_id,
  });
  const status = await runCli(['status'], { cwd: folder });
  expect(status.stdout).toContain(
    `${list.relied_on} of ${list.total} relied on; carvos assumptions lists them`,
  );
});
