import { describe, expect, test } from 'vitest';
import { factsOf, PROBE_FACTS, PROBES } from '../../../src/client/check/catalogue.ts';
import { ProbeList } from '../../../src/contract/check.ts';
import { FAULT_KINDS } from '../../../src/contract/faults.ts';
import { startExample } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { serveSocket, startRecordingServer, unusedUrl } from '../../support/receiver.ts';
import { check, checkJson, SECRET, serve } from './run-check.ts';

describe('choosing', () => {
  test('--only runs what is asked for, after the one that all need', async () => {
    const url = await startExample('python');
    const { report, code } = await checkJson([url, '--only', 'stale', '--only', 'two-v1, future']);
    expect(report.probes.map(({ id }) => id)).toEqual(['accepts-valid', 'stale', 'future', 'two-v1']);
    expect(code).toBe(0);
  });

  test('--skip leaves out; what hangs on it is judged all the same', async () => {
    const url = await startExample('python', 'ignores_age');
    const { report, outcome } = await checkJson([url, '--skip', 'stale,concurrent,large-body']);
    expect(report.probes).toHaveLength(PROBES.length - 3);
    expect(outcome('future')).toBe('failed');
  });

  test.each([
    [['--only', 'raw-byte'], 'Did you mean raw-bytes?'],
    [['--skip', 'tamperd-body'], 'Did you mean tampered-body?'],
    [['--skip', 'accepts-valid'], 'always runs'],
    [['--only', 'stale', '--skip', 'stale'], 'in --only and in --skip'],
    [['--fail-on', 'everything'], 'required, recommended, advisory'],
    [['--timeout', 'soon'], 'not a duration'],
    [['--timeout', '0s'], 'more than 0'],
    [['--event', 'missing.json'], 'no such file'],
    [['--junit', 'no/such/folder.xml'], 'cannot write'],
  ])('%j is wrong usage', async (args, text) => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    const { code, stderr, stdout } = await check([url, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(requests).toEqual([]);
  });

  test('without a URL it takes the webhookUrl of the config file, or says that there is none', async () => {
    const url = await startExample('python');
    const config = { ats: [{ id: 'demo-ats', name: 'Demo', webhookUrl: url }] };
    const cwd = tempFolder({ 'carvos.config.json': JSON.stringify(config) });
    const { code, stdout } = await check(['--only', 'stale'], {
      cwd,
      env: {
        CARVOS_OUTGOING_SECRET: SECRET,
        CARVOS_INCOMING_SECRET: 'i',
        CARVOS_API_KEY: 'k',
      },
    });
    expect(stdout).toContain(url);
    expect(code).toBe(0);
    expect((await check([])).stderr).toContain('there is no receiver');
  });

  test('--list shows every probe and sends nothing', async () => {
    const { stdout, code } = await check(['--list']);
    for (const { id, title } of PROBES) expect(stdout).toMatch(new RegExp(`  ${id} +${title}`));
    expect(stdout.match(/^(Required|Recommended|Advisory)$/gm)).toEqual([
      'Required',
      'Recommended',
      'Advisory',
    ]);
    expect(code).toBe(0);
    const json = ProbeList.parse(JSON.parse((await check(['--list', '--json'])).stdout));
    expect(json.probes).toEqual(PROBE_FACTS);
    expect(json.probes.map(({ id }) => id).filter((id) => id !== 'crash')).toEqual(
      PROBES.map(({ id }) => id),
    );
  });

  test('every probe says why, where and how, with ids of its own and words of the vocabulary', () => {
    expect(new Set(PROBES.map(({ id }) => id)).size).toBe(PROBES.length);
    for (const [index, probe] of PROBES.entries()) {
      const { why, documented, fix, faults, after } = factsOf(probe);
      for (const text of [why, documented, fix]) expect(text.length).toBeGreaterThan(20);
      for (const kind of faults) expect(FAULT_KINDS).toContain(kind);
      const before = PROBES.slice(0, index).map(({ id }) => id);
      for (const id of after) expect(before).toContain(id);
    }
    const levels = PROBES.map(({ level }) => level);
    expect(levels).toEqual(
      [...levels].sort(
        (a, b) => 'required recommended advisory'.indexOf(a) - 'required recommended advisory'.indexOf(b),
      ),
    );
  });
});

describe('the exit code', () => {
  test.each([
    ['last_v1_only', 'two-v1', 'advisory'],
    ['ignores_age', 'stale', 'recommended'],
    ['either_secret', 'other-direction', 'required'],
  ])('--fail-on draws the line: %s', async (mistake, probe, level) => {
    const url = await startExample('python', mistake);
    const levels = ['required', 'recommended', 'advisory'];
    for (const failOn of levels) {
      const { code, stdout } = await check([url, '--only', probe, '--fail-on', failOn]);
      expect([failOn, code]).toEqual([failOn, levels.indexOf(failOn) >= levels.indexOf(level) ? 1 : 0]);
      expect(stdout).toContain(`1 holds, 1 does not (1 ${level})`);
    }
    expect((await check([url, '--only', probe])).code).toBe(level === 'required' ? 1 : 0);
  });

  test('5 when nobody is there, with a report all the same', async () => {
    const url = await unusedUrl();
    const { code, report, stderr } = await checkJson([url, '--junit', 'r.xml']);
    expect(code).toBe(5);
    expect(report).toMatchObject({ holds: false, unreachable: { code: 'refused' } });
    expect(report.counts).toEqual({ passed: 0, failed: 0, not_judged: PROBES.length });
    expect(stderr).toContain('next: Nothing listens on');
    // One cause, one finding.
    const { stdout } = await check([url]);
    expect(stdout.match(/cannot be reached/g)).toHaveLength(1);
    expect(stdout.trim().split('\n').length).toBeLessThan(6);
  });

  test('5 when the first answer is a cut connection, or no HTTP', async () => {
    for (const talk of ['', 'SSH-2.0-OpenSSH_9.6\r\n']) {
      const { port } = await serveSocket((socket) => {
        socket.once('data', () => socket.end(talk));
      });
      const { code, stderr } = await check([String(port)]);
      expect(code).toBe(5);
      expect(stderr).toContain('error:');
    }
  });

  test('5 when it is gone in the middle; the probe that it did not survive is named', async () => {
    const mortal = await serve((request, response) => {
      request.resume().on('end', () => {
        if (request.headers['x-webhook-signature'] !== undefined) return response.end('{}');
        mortal.die();
        response.destroy();
        return undefined;
      });
    });
    const { code, report, outcome, details } = await checkJson([mortal.url]);
    expect(code).toBe(5);
    expect(report.unreachable).not.toBeNull();
    expect(outcome('every-event')).toBe('passed');
    expect(outcome('missing-signature')).toBe('failed');
    expect(details('missing-signature')).toContain('could not be reached any more');
    expect(outcome('no-stack-trace')).toBe('not_judged');
  });

  test('1, and no 5, when one connection is cut', async () => {
    const { url } = await serve((request, response) => {
      request.resume().on('end', () => {
        const unknown = request.headers['x-carv-event'] === 'carvos_check.happened';
        if (unknown) response.destroy();
        else response.end('{}');
      });
    });
    const { code, report, details } = await checkJson([
      url,
      '--only',
      'unknown-event',
      '--fail-on',
      'advisory',
    ]);
    expect(code).toBe(1);
    expect(report.unreachable).toBeNull();
    expect(details('unknown-event')).toContain('connection was closed');
  });
});

test('a receiver that takes seconds for milliseconds is told so', async () => {
  const { stdout } = await check([await startExample('express', 'milliseconds')]);
  expect(stdout).toContain('it accepts a t in milliseconds: t is in seconds');
});
