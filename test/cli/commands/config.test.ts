import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli, runProgram, spawnProgram } from '../../support/program.ts';
import { pythonSignature } from '../../support/python-signature.ts';

const body = Buffer.from('{}');
const signedWith = (secret: string) => `${pythonSignature(body, secret, 1)}\n`;
const sign = (cwd: string, env: Record<string, string> = {}, extra: string[] = []) =>
  runCli(['sign', '--timestamp', '1', ...extra], { cwd, env, stdin: body });

const twoAts = JSON.stringify({
  ats: [
    { id: 'north', incomingSecret: 'north-in', outgoingSecret: 'north-out', apiKey: 'k1' },
    { id: 'south', incomingSecret: { env: 'SOUTH_IN' }, outgoingSecret: 'south-out', apiKey: 'k2' },
  ],
});

describe('configuration', () => {
  it('goes flag over environment over .env over file over default', async () => {
    const folder = tempFolder({});
    expect((await sign(folder)).stdout).toBe(signedWith('demo-incoming-secret'));
    writeFileSync(
      join(folder, 'carvos.config.json'),
      JSON.stringify({ ats: [{ id: 'a', incomingSecret: 'from-file' }] }),
    );
    expect((await sign(folder)).stdout).toBe(signedWith('from-file'));
    writeFileSync(join(folder, '.env'), '# mine\nCARVOS_INCOMING_SECRET="from .env"\n');
    expect((await sign(folder)).stdout).toBe(signedWith('from .env'));
    const env = { CARVOS_INCOMING_SECRET: 'from environment' };
    expect((await sign(folder, env)).stdout).toBe(signedWith('from environment'));
    expect((await sign(folder, env, ['--secret', 'from flag'])).stdout).toBe(signedWith('from flag'));
  });

  it('is found upward from the working directory, or where --config says', async () => {
    const folder = tempFolder({
      'carvos.config.json': JSON.stringify({ ats: [{ id: 'a', incomingSecret: 'up' }] }),
    });
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    expect((await sign(join(folder, 'deep/er'))).stdout).toBe(signedWith('up'));
    const elsewhere = tempFolder();
    const flag = ['--config', join(folder, 'carvos.config.json')];
    expect((await sign(elsewhere, {}, flag)).stdout).toBe(signedWith('up'));
    const missing = await sign(elsewhere, {}, ['--config', 'none.json']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('none.json');
  });

  it('asks which of several ATSs is meant', async () => {
    const folder = tempFolder({ 'carvos.config.json': twoAts });
    const none = await sign(folder);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('--ats-id: north, south');
    expect((await sign(folder, {}, ['--ats-id', 'north'])).stdout).toBe(signedWith('north-in'));
    expect((await sign(folder, { CARVOS_ATS_ID: 'north' })).stdout).toBe(signedWith('north-in'));
    expect((await sign(folder, { SOUTH_IN: 'referred' }, ['--ats-id', 'south'])).stdout).toBe(
      signedWith('referred'),
    );
    const wrong = await sign(folder, {}, ['--ats-id', 'nroth']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Did you mean north?');
  });

  it('gives CARVOS_INCOMING_SECRET to the selected ATS only', async () => {
    const folder = tempFolder({ 'carvos.config.json': twoAts });
    const env = { CARVOS_INCOMING_SECRET: 'for the selected' };
    expect((await sign(folder, env, ['--ats-id', 'south'])).stdout).toBe(signedWith('for the selected'));
  });

  it('leaves a variable to the ATS that names it, whichever is selected', async () => {
    const entry = (id: string, variable: string) => ({ id, incomingSecret: { env: variable } });
    const ats = [entry('first', 'CARVOS_INCOMING_SECRET'), entry('second', 'SECOND_IN')];
    const folder = tempFolder({
      'carvos.config.json': JSON.stringify({ ats }),
      '.env': 'CARVOS_INCOMING_SECRET=of the first\nSECOND_IN=of the second\n',
    });
    expect((await sign(folder, {}, ['--ats-id', 'second'])).stdout).toBe(signedWith('of the second'));
    expect((await sign(folder, { CARVOS_ATS_ID: 'first' })).stdout).toBe(signedWith('of the first'));
    // What is set around the process, all together, is for the one that is named there.
    const around = { CARVOS_ATS_ID: 'second', CARVOS_INCOMING_SECRET: 'around' };
    expect((await sign(folder, around)).stdout).toBe(signedWith('around'));
  });

  it('names the variable that is missing', async () => {
    const folder = tempFolder({ 'carvos.config.json': twoAts });
    const { code, stderr } = await sign(folder, {}, ['--ats-id', 'south']);
    expect(code).toBe(2);
    expect(stderr).toContain('incoming secret of south is not set');
    expect(stderr).toContain('SOUTH_IN');
  });

  it.each(['carvos.config.json', '.env'])('does not wait at a pipe in place of %s', async (name) => {
    const folder = tempFolder();
    execFileSync('mkfifo', [join(folder, name)]);
    const { code, stderr } = await sign(folder);
    expect(code).toBe(2);
    expect(stderr).toContain('nothing came out of the pipe within 2 s');
  });

  it('takes .env from a pipe that somebody writes to, and /dev/null for none', async () => {
    const folder = tempFolder();
    execFileSync('mkfifo', [join(folder, '.env')]);
    const write = 'echo ready; echo CARVOS_INCOMING_SECRET=piped > .env';
    await spawnProgram('sh', ['-c', write], { cwd: folder }).waitForText('ready');
    expect((await sign(folder)).stdout).toBe(signedWith('piped'));
    const none = tempFolder();
    symlinkSync('/dev/null', join(none, '.env'));
    expect((await sign(none)).stdout).toBe(signedWith('demo-incoming-secret'));
  });

  it('takes the config file from a pipe, which gives it once', async () => {
    const cwd = tempFolder();
    const show = `"$0" "$1" config show --json --config <(echo '{ "speed": 7 }')`;
    const { stdout, stderr } = await runProgram('bash', ['-c', show, process.execPath, CARVOS], { cwd });
    expect(stderr).toBe('');
    const { settings } = JSON.parse(stdout) as { settings: { field: string; value: unknown }[] };
    expect(settings.find(({ field }) => field === 'speed')?.value).toBe(7);
  });

  it.each(['.env', 'carvos.config.json'])(
    'refuses a link %s that leads nowhere, as if there were none it would go on with defaults',
    async (name) => {
      for (const [to, problem] of [
        ['none', 'its link leads nowhere'],
        [name, 'its links lead in a circle'],
      ] as const) {
        const folder = tempFolder();
        symlinkSync(to, join(folder, name));
        const { code, stdout, stderr } = await sign(folder);
        expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(problem)]);
        const made = await runCli(['init'], { cwd: folder });
        expect([made.code, readlinkSync(join(folder, name))]).toEqual([2, to]);
      }
    },
  );

  it('refuses a huge file, and prints no control character out of one', async () => {
    const huge = tempFolder({ 'carvos.config.json': `{"x":"${'a'.repeat(12_000_000)}"}` });
    expect((await sign(huge)).stderr).toContain('it is larger than 1 MiB');
    const hostile = tempFolder({ 'carvos.config.json': '{"\\u001b]0;x\\u0007": 1}' });
    const { code, stderr } = await runCli(['dev', '--port', '0'], { cwd: hostile });
    expect(code).toBe(2);
    expect(stderr).toContain('\\x1b]0;x\\x07');
    expect(stderr).not.toMatch(/[\x07\x1b]/);
  });

  it('says where JSON is broken', async () => {
    const folder = tempFolder({ 'carvos.config.json': '{\n  "port": 4010\n  "db": "x"\n}\n' });
    const { code, stderr } = await sign(folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/carvos\.config\.json:3:3: comma expected/);
  });

  it('takes comments and a comma after the last member, also in the light commands', async () => {
    const text = '{\n  "ats": [{ "id": "a", "incomingSecret": "of // mine", },], // the only one\n}\n';
    expect((await sign(tempFolder({ 'carvos.config.json': text }))).stdout).toBe(signedWith('of // mine'));
  });

  it('says file, line and field of a wrong value, of an ATS also to the light commands', async () => {
    const wrongPort = tempFolder({ 'carvos.config.json': '{\n  "port": "4010"\n}\n' });
    const { code, stderr } = await runCli(['env'], { cwd: wrongPort });
    expect(code).toBe(2);
    expect(stderr).toMatch(/carvos\.config\.json:2 {2}port: /);
    // These read the ATS and no more.
    expect((await sign(wrongPort)).code).toBe(0);
    const wrongAts = await sign(
      tempFolder({ 'carvos.config.json': '{\n  "ats": [\n    {"id": 5}\n  ]\n}\n' }),
    );
    expect(wrongAts.code).toBe(2);
    expect(wrongAts.stderr).toMatch(/ats\[0\]\.id: must be text\n {2}at: .*carvos\.config\.json:3/);
  });

  it('lists every problem, with the nearest name for an unknown field', async () => {
    const text =
      '{\n  "speed": -1,\n  "ats": [\n    {"id": "a",\n     "webhookUlr": "http://x",\n     "webhookUrl": "ftp://x"}\n  ]\n}\n';
    const { code, stderr, stdout } = await runCli(['env', '--json'], {
      cwd: tempFolder({ 'carvos.config.json': text }),
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/json:2 {2}speed: must be a number from 0\.001 to 1000000, "max" or "manual"/);
    expect(stderr).toMatch(
      /json:5 {2}ats\[0\]\.webhookUlr: is not a known field\. Did you mean webhookUrl\?/,
    );
    expect(stderr).toMatch(/json:6 {2}ats\[0\]\.webhookUrl: must be an http/);
  });
});

describe('carvos init', () => {
  it('names a .gitignore that it cannot read, and writes nothing', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, '.gitignore'));
    const { code, stderr } = await runCli(['init'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot read .gitignore: it is a folder');
    expect(stderr).toContain(join(folder, '.gitignore'));
    expect(readdirSync(folder)).toEqual(['.gitignore']);
  });

  it('writes a valid config, fresh secrets for the owner only, and ignores them', async () => {
    const folder = tempFolder({ '.gitignore': 'node_modules' });
    expect(
      (await runCli(['init', '--ats-id', 'mine', '--webhook-url', '3000/hook'], { cwd: folder })).code,
    ).toBe(0);
    const env = readFileSync(join(folder, '.env'), 'utf8');
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe(
      'node_modules\n.env\n.carvos/\n*.carvos-tmp*\n',
    );
    const config = readFileSync(join(folder, 'carvos.config.json'), 'utf8');
    expect(JSON.parse(config).ats[0]).toMatchObject({ id: 'mine', webhookUrl: 'http://localhost:3000/hook' });
    const secrets = [...env.matchAll(/=(.+)$/gm)].map((match) => match[1]!);
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThanOrEqual(43);
      expect(config).not.toContain(secret);
    }
    const used = await runCli(['env', '--json'], { cwd: folder });
    expect(JSON.parse(used.stdout).env).toMatchObject({ CARVOS_ATS_ID: 'mine', CARVOS_API_KEY: secrets[0] });
  });

  it('refuses to overwrite, and with --force keeps the lines that are not its own', async () => {
    const folder = tempFolder({ '.env': 'MINE=1\nCARVOS_API_KEY=the-one-before\n' });
    const refused = await runCli(['init'], { cwd: folder });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('MINE=1\nCARVOS_API_KEY=the-one-before\n');
    expect((await runCli(['init', '--force'], { cwd: folder })).code).toBe(0);
    const after = readFileSync(join(folder, '.env'), 'utf8');
    expect(after).toContain('MINE=1\n');
    expect(after).not.toContain('the-one-before');
    expect((await runCli(['init'], { cwd: folder })).code).toBe(2);
  });

  it.skipIf(process.platform === 'win32').each([
    ['.env', ['.env']],
    ['carvos.config.json', ['.gitignore', 'carvos.config.json']],
  ])('writes nothing in place of the pipe that %s leads to', async (name, left) => {
    const folder = tempFolder();
    const cwd = join(folder, 'project');
    mkdirSync(cwd);
    execFileSync('mkfifo', ['pipe'], { cwd: folder });
    symlinkSync('../pipe', join(cwd, name));
    const { code, stderr } = await runCli(['init', '--force'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('is a device or a pipe')]);
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true);
    expect(readdirSync(cwd).sort()).toEqual(left);
  });

  it('touches nothing where a secret stands in .env over several lines', async () => {
    const before = 'CARVOS_API_KEY="old\nMINE=1"\nOTHER=2\n';
    const folder = tempFolder({ '.env': before });
    const { code, stderr } = await runCli(['init', '--force'], { cwd: folder });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('CARVOS_API_KEY cannot be replaced in .env by itself'),
    ]);
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['.env']);
  });
});

describe('carvos env', () => {
  const env = { CARVOS_OUTGOING_SECRET: 'it\'s $(a) `secret` "q"' };

  it('survives eval by a shell, whatever the secret holds', async () => {
    const { stdout } = await runCli(['env'], { cwd: tempFolder(), env });
    const script = `${stdout}\nprintf '%s|%s' "$CARVOS_OUTGOING_SECRET" "$CARVOS_URL"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(
      `${env.CARVOS_OUTGOING_SECRET}|http://127.0.0.1:4010`,
    );
  });

  it('writes dotenv and the form of GitHub Actions', async () => {
    const dotenv = await runCli(['env', '--format', 'dotenv'], { cwd: tempFolder() });
    expect(dotenv.stdout).toContain('CARVOS_INCOMING_SECRET=demo-incoming-secret\n');
    const github = await runCli(['env', '--format', 'github'], { cwd: tempFolder(), env });
    expect(github.stdout).toContain(`CARVOS_OUTGOING_SECRET=${env.CARVOS_OUTGOING_SECRET}\n`);
    const lines = { CARVOS_OUTGOING_SECRET: 'a\nCARVOS_END\nPATH=/elsewhere' };
    const several = await runCli(['env', '--format', 'github'], { cwd: tempFolder(), env: lines });
    expect(several.stdout).toContain(
      `CARVOS_OUTGOING_SECRET<<CARVOS_END_\n${lines.CARVOS_OUTGOING_SECRET}\nCARVOS_END_\n`,
    );
    expect((await runCli(['env', '--format', 'xml'], { cwd: tempFolder() })).code).toBe(2);
  });
});
