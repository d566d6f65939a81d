import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseEnvText } from '../../../src/cli/config/env-text.ts';
import { decodeText } from '../../../src/files/decode-text.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** As editors and shells on Windows write a text. */
const ENCODINGS: Record<string, (text: string) => Buffer> = {
  'UTF-8 with a mark': (text) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE with a mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'UTF-16 without a mark': (text) => Buffer.from(text, 'utf16le'),
  'CR LF': (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
};

const ENV = 'CARVOS_INCOMING_SECRET=mine-alone\nCARVOS_OUTGOING_SECRET=Zoë\n';

describe.each(Object.entries(ENCODINGS))('%s', (name, encode) => {
  test('.env is read, so that the secrets in it are used', async () => {
    const cwd = tempFolder({ '.env': encode(ENV) });
    const { stdout } = await runCli(['env'], { cwd });
    expect(stdout).toContain('mine-alone');
    expect(stdout).toContain('Zoë');
  });

  test('the config file', async () => {
    const text = '{\n  // a comment\n  "port": 4711,\n  "ats": [{ "id": "zoë" }]\n}\n';
    const cwd = tempFolder({ 'carvos.config.json': encode(text) });
    const { stdout } = await runCli(['config', 'show', '--json'], { cwd });
    expect(stdout).toContain('4711');
    expect(stdout).toContain('zoë');
  });

  test('a body, events a line each, and a transcript of a request', async () => {
    const event = '{"event":"candidate.created",\n"event_id":"e-1","client_id":"Zoë"}';
    const lines = [1, 2].map((n) => `{"event":"candidate.created","event_id":"e-${n}","client_id":"Zoë"}`);
    const cwd = tempFolder({
      'body.json': encode(event),
      'many.ndjson': encode(`${lines.join('\n')}\n`),
      'curl.txt': encode('> POST /hook HTTP/1.1\n> X-Webhook-Signature: t=1,v1=00\n> \n'),
    });
    const sent = await runCli(['send', 'body.json', '--dry-run', '--json'], { cwd });
    const body = JSON.parse(sent.stdout).body.text as string;
    expect(JSON.parse(body)).toMatchObject({ client_id: 'Zoë' });
    expect(sent.stderr.includes('taken as plain UTF-8')).toBe(name !== 'CR LF');
    const many = await runCli(['send', 'many.ndjson', '--dry-run', '--json'], { cwd });
    expect(many.stdout.match(/e-[12]/g)?.length).toBeGreaterThanOrEqual(2);
    expect(many.stdout).toContain('Zoë');
    const verified = await runCli(['verify', 'body.json', '--request', 'curl.txt', '--json'], { cwd });
    expect(verified.stdout).toContain('"given":"00"');
  });
});

test('sign takes the bytes as they are, and says what they are', async () => {
  const cwd = tempFolder({ 'a.json': Buffer.from('\uFEFF{}') });
  const { stdout, stderr } = await runCli(['sign', 'a.json'], { cwd });
  expect(stdout).toContain('v1=');
  expect(stderr).toContain('a.json is UTF-8 with a byte order mark: its bytes are taken as they are');
});

test('another encoding is named: a secret would be another one', async () => {
  const latin = Buffer.from('CARVOS_INCOMING_SECRET=Zo\xeb\n', 'latin1');
  const { code, stderr } = await runCli(['env'], { cwd: tempFolder({ '.env': latin }) });
  expect(code).toBe(2);
  expect(stderr).toContain('it is neither UTF-8 nor UTF-16: save it as UTF-8');
  expect(() => decodeText(Buffer.from('a\0\0\0b\0\0\0', 'latin1'))).toThrow('zero bytes');
});

test('.env: lines that are no assignment are told and cost no other line; so are values that a # cuts', async () => {
  const text =
    'CARVOS_API_KEY: yaml\nCARVOS_INCOMING_SECRET=ab#cd\nset CARVOS_URL=x\nOTHER=x#y\nCARVOS_OUTGOING_SECRET="open\n';
  const cwd = tempFolder({ '.env': text });
  const { stderr, stdout } = await runCli(['env'], { cwd });
  expect(stderr).toMatch(/\.env:1: this line is left out: it is not NAME=value \(an = instead of the :/);
  expect(stderr).toMatch(
    /\.env:2: the value of CARVOS_INCOMING_SECRET ends before the #: put it into quotes/,
  );
  expect(stderr).toMatch(/\.env:3: this line is left out/);
  expect(stderr).toMatch(/\.env:5: the quote in front of the value of CARVOS_OUTGOING_SECRET is not closed/);
  expect(stderr.replaceAll(cwd, '')).not.toMatch(/:4:|yaml|cd/);
  // Once each, however often the file is read.
  expect(stderr.match(/\.env:2:/g)).toHaveLength(1);
  expect(stdout).toContain('ab');
});

test('.env: what is right is not doubted', () => {
  const text =
    '# note\n\nexport A=1\nB = two words # a note\nC="x#y" # z\nD=\'one\ntwo # three\nfour\'\nE=`x`\nF=\nG=a=b\n';
  const { values, problems, doubts } = parseEnvText(text);
  expect({ problems, doubts: doubts.size }).toEqual({ problems: [], doubts: 0 });
  expect(values).toMatchObject({
    A: '1',
    B: 'two words',
    C: 'x#y',
    D: 'one\ntwo # three\nfour',
    F: '',
    G: 'a=b',
  });
});

test('rotating a secret keeps what stands in a .env of Windows', async () => {
  const cwd = tempFolder({
    '.env': ENCODINGS['UTF-16 LE with a mark']!('NOTE=Zoë\r\nCARVOS_API_KEY=old\r\n'),
  });
  const path = join(cwd, '.env');
  const { readEnvText, setEnvValue, writeEnvText } = await import('../../../src/cli/portal/env-file.ts');
  writeEnvText(path, setEnvValue(readEnvText(path), 'CARVOS_API_KEY', 'new'));
  expect(readFileSync(path, 'utf8')).toBe('NOTE=Zoë\r\nCARVOS_API_KEY=new\r\n');
});
