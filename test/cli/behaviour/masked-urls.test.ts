import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCarvos } from '../../support/program.ts';

test('dev, status and config show print no user, password or query value of a webhook URL', async () => {
  const cwd = tempFolder();
  const webhookUrl = 'http://name-in-url:password-in-url@127.0.0.1:9/hook?token=value-in-url';
  writeFileSync(join(cwd, 'carvos.config.json'), JSON.stringify({ ats: [{ id: 'demo-ats', webhookUrl }] }));
  const dev = await startDev(cwd, []);
  await dev.program.waitForText(/\/hook/);
  const outputs = [dev.program.stdout + dev.program.stderr];
  for (const command of [['status'], ['config', 'show', '--origin']])
    for (const flag of [[], ['--json']]) {
      const { code, stdout, stderr } = await runCarvos(cwd, [...command, ...flag]);
      expect(code).toBe(0);
      outputs.push(stdout + stderr);
    }
  for (const output of outputs) {
    expect(output).toContain('http://hidden:hidden@127.0.0.1:9/hook?token=hidden');
    expect(output).not.toContain('in-url');
  }
}, 60_000);
