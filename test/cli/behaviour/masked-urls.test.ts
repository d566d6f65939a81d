import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CALL_NAMES, CONTROL_CALLS, CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

test('dev, status and config show print no user, password or query value of a webhook URL', async () => {
  const cwd = tempFolder();
  const webhookUrl = 'http://name-in-url:password-in-url@127.0.0.1:9/hook?token=value-in-url';
  writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ ats: [{ id: 'demo-ats', webhookUrl }] }));
  const dev = await startDev(cwd, []);
  await dev.program.waitForText(/\/hook/);
  const outputs = [dev.program.stdout + dev.program.stderr];
  for (const command of [['status'], ['config', 'show', '--origin']])
    for (const flag of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCli([...command, ...flag], { cwd });
      expect(code).toBe(0);
      outputs.push(stdout + stderr);
    }
  for (const output of outputs) {
    expect(output).toContain('http://hidden:hidden@127.0.0.1:9/hook?token=hidden');
    expect(output).not.toContain('in-url');
  }
});

const SECRET_QUERY = '?token=value-in-url&flag-in-url';

test('no call of the control API, no entry of the feed and no command tells what a webhook URL hides', async () => {
  const demo = await startDemoGateway(({ url }) => (url.includes('flag') ? 200 : 500));
  const { emulator, control, cwd } = demo;
  const url = `${demo.receiver.url}${SECRET_QUERY}`;
  const headers = { Authorization: `Bearer ${emulator.controlToken}`, 'Content-Type': 'application/json' };
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${emulator.url}${CONTROL_PREFIX}${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return `${method} ${path}: ${await answer.text()}`;
  };
  const entries: string[] = [];
  emulator.subscribe((entry) => entries.push(JSON.stringify(entry)));
  const shown = [
    await call('POST', '/ats', { id: 'other', webhook_url: url }),
    await call('PATCH', '/ats/other', { webhook_url: url.replace('//', '//name-in-url:password-in-url@') }),
    await call('PATCH', '/ats/demo-ats', { webhook_url: url }),
  ];
  const { id, reference_id } = await demo.deliver();
  expect(demo.receiver.received.at(-1)?.url).toContain(SECRET_QUERY);

  const reads = CALL_NAMES.filter((name) => CONTROL_CALLS[name].method === 'get');
  expect(reads).toContain('logRecord');
  const params: Record<string, string> = { number: '1' };
  for (const name of reads) {
    if (name === 'feed' || name === 'saveSnapshot') continue;
    params.id = name === 'trace' || name === 'wait' || name === 'job' ? reference_id : id;
    shown.push(
      await call(
        'GET',
        CONTROL_CALLS[name].path.replace(/\{(\w+)\}/g, (_all, one) => params[one]!),
      ),
    );
  }
  const run = async (code: number, ...args: string[]) => {
    const ended = await runCli(args, { cwd });
    shown.push(`${args[0]}: ${ended.stdout}${ended.stderr}`);
    expect(ended.code, shown.at(-1)).toBe(code);
  };
  const before = demo.receiver.received.length;
  for (const json of [[], ['--json']]) {
    await run(0, 'status', ...json);
    await run(0, 'config', 'show', '--origin', ...json);
    await run(0, 'config', 'show', '--audit', ...json);
    await run(0, 'config', 'set', 'webhook-url', url, ...json);
    await run(0, 'deliveries', ...json);
    for (const what of [id, `${id}/1`]) await run(0, 'deliveries', 'show', what, ...json);
    await run(0, 'deliveries', 'show', id, '--curl', ...json);
    await run(0, 'trace', reference_id, ...json);
    await run(0, 'report', reference_id, ...json);
    await run(0, 'replay', id, ...json);
    await run(0, 'replay', id, '--to', url, ...json);
    await run(0, 'trigger', 'candidate.created', ...json);
    await run(0, 'trigger', 'candidate.created', '--url', url, '--timeout', '60s', ...json);
    await run(1, 'check', url, '--only', 'missing-signature', '--timeout', '60s', ...json);
    for (const command of [['check'], ['trigger', 'candidate.created', '--url'], ['replay', id, '--to']])
      await run(2, ...command, `http://192.0.2.1/hook${SECRET_QUERY}`, ...json);
    await run(
      2,
      'trigger',
      'candidate.created',
      '--url',
      `ftp://name-in-url:password-in-url@h${SECRET_QUERY}`,
    );
  }
  // All that was sent went to the whole URL.
  for (const request of demo.receiver.received.slice(before)) expect(request.url).toContain(SECRET_QUERY);
  expect(entries.some((entry) => entry.includes('?token=hidden&hidden'))).toBe(true);
  for (const text of [...shown, ...entries]) expect(text).not.toMatch(/(name|password|value|flag)-in-url/);
  expect(await control.status()).toMatchObject({
    ats: [{ webhook_url: expect.stringContaining('token=hidden') }, {}],
  });
}, 120_000);

test('trigger sends straight to a URL that the gateway does not tell only where the config file has it', async () => {
  const demo = await startDemoGateway();
  const url = `${demo.receiver.url}${SECRET_QUERY}`;
  await demo.control.changeAts('demo-ats', { webhook_url: url });
  const direct = ['trigger', 'candidate.created', '--timeout', '60s'];
  const refused = await demo.carvos(...direct);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('give it with --url');
  expect(refused.stderr).not.toContain('in-url');
  const before = demo.receiver.received.length;
  writeFileSync(
    join(demo.cwd, 'carvos.config.json'),
    JSON.stringify({ ats: [{ id: 'demo-ats', webhookUrl: url }] }),
  );
  expect(await demo.carvos(...direct)).toMatchObject({ code: 0 });
  expect(demo.receiver.received.length).toBe(before + 1);
  // With another token it is another receiver, which the gateway does not send to.
  const other = url.replace('value', 'another');
  expect((await demo.carvos(...direct, '--url', other)).code).toBe(0);
  expect(demo.receiver.received.at(-1)?.url).toContain('another-in-url');
});
