import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS } from '../../support/program.ts';
import { freePort } from '../../support/receiver.ts';
import { run, sh, startReceiver } from './run-exec.ts';

test('an AI job that is still open at the end is in the summary', async () => {
  const sends = sh(
    `'${process.execPath}' '${CARVOS}' send candidate.created --set email:=jane+slow-9m@example.com`,
  );
  const { code, stderr } = await run(sends);
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining('0 deliveries, 0 failed, 1 AI job not finished;'),
  ]);
  expect(JSON.parse((await run(['--json', ...sends])).stderr)).toMatchObject({ unfinished_jobs: 1 });
});

describe('--wait-for', () => {
  test('holds deliveries until that receiver answers; none of the five attempts is lost on it', async () => {
    // A port that is free now, and that the command's server takes late.
    const port = await freePort();
    const server = `
      const http = require('node:http');
      const { spawnSync } = require('node:child_process');
      const [node, carvos, port] = process.argv.slice(1);
      const sent = spawnSync(node, [carvos, 'send', 'candidate.created', '--json'], { encoding: 'utf8' });
      const { reference_id } = JSON.parse(sent.stdout);
      const headers = { Authorization: 'Bearer ' + process.env.CARVOS_CONTROL_TOKEN };
      const trace = async () =>
        (await fetch(process.env.CARVOS_CONTROL_URL + '/references/' + reference_id, { headers })).json();
      (async () => {
        let before;
        do before = await trace(); while (before.deliveries.length === 0);
        http.createServer((request, response) => { request.resume(); response.end('ok'); }).listen(port, '127.0.0.1');
        const url = process.env.CARVOS_CONTROL_URL + '/deliveries/wait?outcome=delivered';
        const found = await (await fetch(url, { headers })).json();
        console.log(before.deliveries[0].attempt_count, found.met, found.delivery.attempt_count);
        process.exit(0);
      })();
    `;
    const { code, stdout, stderr } = await run([
      '--webhook-url',
      `${port}/hook`,
      '--wait-for',
      `${port}`,
      '--',
      process.execPath,
      '-e',
      server,
      process.execPath,
      CARVOS,
      `${port}`,
    ]);
    expect(stderr).toContain('carvos: 1 delivery, 0 failed;');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0 true 1\n' });
  });

  test('says so when that receiver never answered', async () => {
    const port = await freePort();
    const script = '"$0" "$1" send candidate.created >/dev/null';
    const { stderr } = await run([
      '--webhook-url',
      `${port}`,
      '--wait-for',
      `${port}`,
      '--',
      'sh',
      '-c',
      script,
      process.execPath,
      CARVOS,
    ]);
    expect(stderr).toContain(
      `http://localhost:${port}/ (--wait-for) never answered: nothing listens there; nothing was delivered`,
    );
    expect(stderr).toMatch(/carvos: 1 delivery, 0 failed, 1 not finished;/);
  });
});

describe('when it fails', () => {
  const send = '"$0" "$1" send candidate.created --wait >/dev/null 2>&1; exit 1';

  test('the log and a snapshot without secrets', async () => {
    const receiver = await startReceiver(500);
    const folder = tempFolder();
    const args = ['--webhook-url', receiver.url, '--log-on-failure', '--snapshot-on-failure', 'failed.db'];
    const { code, stdout, stderr } = await run([...args, '--', 'sh', '-c', send, process.execPath, CARVOS], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/→ incoming {2}candidate\.created .* 202/);
    expect(stderr.match(/← outgoing {2}candidate\.created .* 500/g)).toHaveLength(5);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^carvos: 1 delivery, 1 failed; relied on \d+ /);
    const file = join(folder, 'failed.db');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const db = new Database(file, { readonly: true });
    expect(db.prepare('SELECT count(*) AS n FROM delivery').get()).toEqual({ n: 1 });
    expect(db.prepare('SELECT count(*) AS n FROM secret').get()).toEqual({ n: 0 });
    db.close();
    const bytes = readFileSync(file, 'latin1');
    for (const secret of ['demo-incoming-secret', 'demo-outgoing-secret', 'demo-api-key'])
      expect(bytes).not.toContain(secret);
  });

  test('neither when it does not', async () => {
    const folder = tempFolder();
    const { stderr } = await run(['--log-on-failure', '--snapshot-on-failure', 'failed.db', '--', 'true'], {
      cwd: folder,
    });
    expect(stderr.split('\n')).toHaveLength(2);
    expect(existsSync(join(folder, 'failed.db'))).toBe(false);
  });

  test('a snapshot that cannot be written is said, and the code stays', async () => {
    const { code, stderr } = await run(['--snapshot-on-failure', 'no/such/folder.db', ...sh('exit 3')]);
    expect(code).toBe(3);
    expect(stderr).toContain('carvos: cannot write no/such/folder.db: no such folder');
  });

  test('without a webhook URL the built-in receiver takes the deliveries, and the last line says so', async () => {
    const { code, stdout, stderr } = await run([
      '--',
      process.execPath,
      CARVOS,
      'send',
      'candidate.created',
      '--wait',
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('carvos: 1 delivery, 0 failed, 1 to the built-in receiver; relied on'),
    });
    expect(stdout).toContain('delivered');
  });

  test('with --wait-for it is not asked in the place of the receiver that is waited for', async () => {
    const receiver = await startReceiver();
    const { stderr } = await run([
      '--wait-for',
      receiver.url,
      '--',
      'sh',
      '-c',
      '"$0" "$1" send candidate.created >/dev/null',
      process.execPath,
      CARVOS,
    ]);
    expect(stderr).toContain('carvos: demo-ats has no webhook URL, so nothing was delivered');
    expect(stderr).toContain('carvos: 1 delivery, 0 failed, 1 not finished;');
  });

  test('--json ends with one object, on standard error', async () => {
    const { stdout, stderr } = await run(['--json', ...sh('echo mine; exit 1')]);
    expect(stdout).toBe('mine\n');
    expect(JSON.parse(stderr)).toEqual({
      version: 2,
      exit_code: 1,
      deliveries: { pending: 0, delivered: 0, exhausted: 0 },
      unfinished_jobs: 0,
      to_built_in_receiver: 0,
      refused: 0,
      assumptions: [],
    });
  });
});
