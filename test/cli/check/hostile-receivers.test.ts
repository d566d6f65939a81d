import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBES } from '../../../src/client/check/catalogue.ts';
import { CheckReport } from '../../../src/contract/check.ts';
import { startBadReceiver } from '../../support/bad-receivers.ts';
import { startExample } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';
import { check, checkJson, hear, SECRET } from './run-check.ts';

describe('hostile receivers', () => {
  test.each(['hangs', 'drips'] as const)('one that %s is given up after --timeout', async (kind) => {
    const { url, seen } = await startBadReceiver(kind);
    const { code, outcome, details, report } = await checkJson([url, '--timeout', '400ms']);
    expect(code).toBe(1);
    expect(outcome('accepts-valid')).toBe('failed');
    expect(details('accepts-valid')).toContain('within 400 ms');
    expect(report.counts.not_judged).toBe(PROBES.length - 1);
    await expect.poll(seen).toBe(1);
  });

  test('of a gigabyte only the beginning is read', async () => {
    const { url } = await startBadReceiver('gigabyte');
    const { code, details, report } = await checkJson([url]);
    expect(report.unreachable).toBeNull();
    expect(code).toBe(1);
    expect(details('accepts-valid')).toContain('larger than 16 MiB');
  });

  test('one that hangs on whatever is wrong costs one timeout a probe', async () => {
    const { url } = await hear(({ headers, body }, response) => {
      const [, t, v1] = /^t=(\d+),v1=(.+)$/.exec(String(headers['x-webhook-signature'])) ?? [];
      if (v1 === hmacHex(SECRET, `${t}.`, body)) response.end('{}');
    });
    const { outcome, report } = await checkJson([
      url,
      '--only',
      'malformed-header,wrong-secret',
      '--timeout',
      '2s',
    ]);
    expect(outcome('wrong-secret')).toBe('failed');
    expect(outcome('malformed-header')).toBe('failed');
    expect(report.probes.map(({ requests }) => requests)).toEqual([1, 1, 1]);
  });

  test('control characters and secrets in answers do not come through', async () => {
    const body = `\u001b[2J\u202e\u0000]]> <&"' expected ${SECRET} or demo-incoming-secret ${'\u0007'.repeat(400)}`;
    const { url } = await startRecordingServer(() => ({ status: 418, body }));
    const { stdout, stderr, cwd, code } = await check([url, '--junit', 'r.xml', '--color', 'never']);
    const json = (await check([url, '--json'])).stdout;
    const xml = readFileSync(join(cwd, 'r.xml'), 'utf8');
    expect(code).toBe(1);
    for (const text of [stdout, stderr, json, xml]) {
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain('demo-incoming-secret');
    }
    for (const text of [stdout, json, xml]) expect(text).toContain('418');
    expect(stdout).toContain('\\x1b[2J\\u202e');
    expect(stdout).toContain('expected [secret] or [secret]');
  });
});

describe('the guard', () => {
  test.each([
    [[], '--live'],
    [['--live'], 'samples are not sent to a live target'],
    [['--live', '--event', 'own.json'], 'demo secret'],
  ])('a public target with %j is refused', async (args, text) => {
    const cwd = tempFolder({ 'own.json': '{"event":"candidate.created"}' });
    const { code, stderr } = await check(['https://203.0.113.1/hook', ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  test('a public --state is refused', async () => {
    const { code, stderr } = await check([await startExample('python'), '--state', 'https://203.0.113.1/']);
    expect(code).toBe(2);
    expect(stderr).toContain('--live');
  });

  test('a live target gets only what sends events as they are', async () => {
    const cwd = tempFolder({ 'own.json': '{"event":"candidate.created"}' });
    const { stdout, stderr, code } = await check(
      ['http://203.0.113.1:9/hook', '--live', '--event', 'own.json', '--timeout', '200ms', '--json'],
      { cwd, env: { CARVOS_OUTGOING_SECRET: 'a-real-secret' } },
    );
    expect(stderr).toContain('live target: http://203.0.113.1:9/hook');
    expect(stderr).toContain('left out: missing-signature, ');
    const report = CheckReport.parse(JSON.parse(stdout));
    expect(report.probes.map(({ id }) => id)).toEqual(['accepts-valid', 'every-event', 'certificate']);
    expect([1, 5]).toContain(code);
    expect(stdout + stderr).not.toContain('a-real-secret');
  });
});
