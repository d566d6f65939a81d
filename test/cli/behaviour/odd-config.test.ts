import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'a secret in a variable called %s is one that is not set',
  async (name) => {
    const ats = { id: 'a', apiKey: { env: name }, incomingSecret: 'i', outgoingSecret: 'o' };
    const cwd = tempFolder({ 'carvos.config.json': JSON.stringify({ ats: [ats] }) });
    expect(await runCli(['config', 'show'], { cwd })).toMatchObject({ code: 0, stderr: '' });
    const ended = await runCli(['env'], { cwd });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(`set ${name} in .env`)]);
  },
);

test('a path can name what is no well-formed Unicode', async () => {
  const body = JSON.stringify({ event: 'candidate.updated', client_id: 'c', candidate_id: '\ud800' });
  const cwd = tempFolder({ 'event.json': body });
  const args = ['send', 'event.json', '--via', 'rest', '--dry-run', '--json'];
  expect(await runCli(args, { cwd })).toMatchObject({ code: 0, stderr: '' });
});
