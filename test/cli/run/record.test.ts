import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { startDev } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** The last reference in what a command printed as JSON. */
const referenceOf = (stdout: string) => /"reference_id":"([0-9a-f-]{36})"/.exec(stdout)![1]!;

test('what happened becomes a scenario that runs green, beside the gateway and alone', async () => {
  const folder = tempFolder();
  await startDev(folder, ['--db', ':memory:', '--speed', 'max']);
  const carvos = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: folder });
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };
  await carvos('fault', 'add', 'status-503', '--first', '2');
  await carvos(
    'send',
    'candidate.created',
    '--set',
    'email:=jane+score-42@example.com',
    '--set',
    'first_name:=$' + '{Zoë}',
    '--wait',
  );
  await carvos('fault', 'clear');
  await carvos('send', 'vacancy.created', '--set', 'title:=Welder', '--wait');
  const application = referenceOf(
    await carvos('send', 'application.created', '--via', 'rest', '--wait', '--json'),
  );
  // A field of the sample is missing here, so its body becomes a file.
  writeFileSync(
    join(folder, 'body.json'),
    '{"event":"candidate.updated","event_id":"e","client_id":"acme-corp","user_id":"admin-user","candidate_id":"cand-1001","phone":"+1"}',
  );
  const update = referenceOf(await carvos('send', 'body.json', '--wait', '--json'));
  const { deliveries } = JSON.parse(await carvos('trace', update, '--json')) as {
    deliveries: { id: string }[];
  };
  await carvos('replay', deliveries[0]!.id);
  const meeting = JSON.parse(await carvos('meeting', 'record', '--candidate', 'cand-1001', '--json')) as {
    events: { reference_id: string }[];
  };
  const trigger = referenceOf(
    await carvos('trigger', 'candidate.created', '--set', 'data.first_name:=Eva', '--json'),
  );

  const references = [application, update, meeting.events[2]!.reference_id, trigger];
  const said = await carvos('run', '--record', 'flows/new.yaml', ...references);
  expect(said).toContain('flows/new-1-candidate.updated.json');
  const text = readFileSync(join(folder, 'flows/new.yaml'), 'utf8');
  const { steps, vars } = parse(text) as { steps: Record<string, unknown>[]; vars: object };
  // What the application is about was found, and is sent first.
  expect(steps.map((step) => Object.keys(step)[0])).toEqual([
    'fault',
    'send',
    'clear',
    'send',
    'send',
    'send',
    'replay',
    'meeting',
    'trigger',
  ]);
  expect(vars).toEqual({
    candidate: 'cand-1001-$' + '{run.id}',
    vacancy: 'vac-2001-$' + '{run.id}',
    application: 'app-3001-$' + '{run.id}',
  });
  expect(steps[0]).toEqual({ fault: { kind: 'status-503', first: 2 } });
  expect(steps[4]).toMatchObject({ send: 'application.created', via: 'rest', expect: { 'data.score': 42 } });
  expect(text).not.toMatch(/evt-|admin-user|acme-corp/);
  expect(text.split('\n').every((line) => line.length <= 112)).toBe(true);

  expect(await carvos('run', 'flows/new.yaml', '--timeout', '60s')).toContain('1 of 1 scenarios passed');
  const alone = tempFolder();
  expect((await runCli(['run', join(folder, 'flows/new.yaml')], { cwd: alone })).code).toBe(0);

  const again = await runCli(['run', '--record', 'flows/new.yaml', application], { cwd: folder });
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('there is a file flows/new.yaml already'),
  ]);
  const nothing = await runCli(['run', '--record', 'other.yaml'], { cwd: folder });
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toMatch(
    /--record other\.yaml: which references\?\n.*next: name them after the file/,
  );
  const unknown = await runCli(['run', '--record', 'other.yaml', 'dlv_none'], { cwd: folder });
  expect(unknown.code).toBe(2);
});
