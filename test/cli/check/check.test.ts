import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { factsOf, PROBES } from '../../../src/client/check/catalogue.ts';
import { CheckReport, ProbeList } from '../../../src/contract/check.ts';
import { FAULT_KINDS } from '../../../src/contract/faults.ts';
import { startBadReceiver } from '../../support/bad-receivers.ts';
import { startExample } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { pythonAccepts } from '../../support/python-signature.ts';
import { serveHttp, startRecordingServer, unusedUrl } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';

const SECRET = 'demo-outgoing-secret';

async function check(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  const cwd = options.cwd ?? tempFolder();
  const result = await runCli(['check', ...args], { cwd, env: options.env });
  return { ...result, cwd };
}

async function checkJson(args: string[]) {
  const result = await check([...args, '--json']);
  expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
  const report = CheckReport.parse(JSON.parse(result.stdout));
  const outcome = (id: string) => report.probes.find((probe) => probe.id === id)?.outcome;
  const details = (id: string) => report.probes.find((probe) => probe.id === id)?.details.join('\n');
  return { ...result, report, outcome, details };
}

/** A receiver of the test's own. */
async function serve(listener: RequestListener) {
  const { url, close } = await serveHttp(listener);
  return { url: `${url}/hook`, die: () => void close() };
}

describe('what is sent', () => {
  test('valid webhooks are signed as Python signs, and marked as test events', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200, body: {} }));
    await check([url, '--only', 'every-event', '--client-id', 'my-client']);
    expect(requests).toHaveLength(15);
    expect(new Set(requests.map(({ body }) => JSON.parse(body.toString()).event)).size).toBe(14);
    const ids = requests.map(({ body }) => JSON.parse(body.toString()).event_id);
    expect(new Set(ids).size).toBe(15);
    for (const { body, headers } of requests) {
      expect(pythonAccepts(body, SECRET, String(headers['x-webhook-signature']))).toBe(true);
      const event = JSON.parse(body.toString());
      expect(event.client_id).toBe('my-client');
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'x-carvos-test': 'true',
        'x-carv-event': event.event,
        'x-carv-causation-id': event.reference_id,
      });
    }
  });

  test('the secret comes from .env or --secret, the test header can be left out', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    await check([url, '--only', 'accepts-valid', '--no-test-header'], {
      env: { CARVOS_OUTGOING_SECRET: 'from-the-environment' },
    });
    await check([url, '--only', 'accepts-valid', '--secret', 'from-the-flag']);
    const [first, second] = requests;
    expect(first?.headers['x-carvos-test']).toBeUndefined();
    expect(
      pythonAccepts(first!.body, 'from-the-environment', `${first?.headers['x-webhook-signature']}`),
    ).toBe(true);
    expect(pythonAccepts(second!.body, 'from-the-flag', `${second?.headers['x-webhook-signature']}`)).toBe(
      true,
    );
  });

  test('an event of the user takes the place of the sample', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    const cwd = tempFolder({ 'own.json': '{"event":"candidate.created","event_id":"e","data":{"mine":1}}' });
    await check([url, '--only', 'accepts-valid', '--event', 'own.json'], { cwd });
    const sent = JSON.parse(requests[0]!.body.toString());
    expect(sent.data).toEqual({ mine: 1 });
    expect(sent.event_id).not.toBe('e');
  });

  test('the large body is exactly 1 MiB, and the retry has the same bytes with another signature', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    await check([url, '--only', 'large-body,duplicate']);
    expect(Math.max(...requests.map(({ body }) => body.length))).toBe(1024 * 1024);
    const [, first, second] = requests;
    expect(first!.body.equals(second!.body)).toBe(true);
    expect(first!.headers['x-webhook-signature']).not.toBe(second!.headers['x-webhook-signature']);
  });

  test('twenty are in flight at once', async () => {
    const waiting: (() => void)[] = [];
    let first = true;
    const { url } = await serve((request, response) => {
      request.resume().on('end', () => {
        if (first) {
          first = false;
          response.end('{}');
          return;
        }
        // None is answered before all are there.
        waiting.push(() => response.end('{}'));
        if (waiting.length === 20) for (const answer of waiting) answer();
      });
    });
    expect((await checkJson([url, '--only', 'concurrent'])).outcome('concurrent')).toBe('passed');
    expect(waiting).toHaveLength(20);
  });
});

describe('the cases of a probe', () => {
  /** A receiver that verifies in its own way and accepts the rest. */
  async function receiver(verify: (raw: Buffer, t: string, v1: string) => boolean | number) {
    return await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const header = Buffer.from(String(request.headers['x-webhook-signature'] ?? ''), 'latin1').toString();
        const [, t = '', v1 = ''] = /^t=([^,]*),v1=(.*)$/.exec(header) ?? [];
        const verdict = verify(Buffer.concat(chunks), t, v1);
        response.statusCode = verdict === true ? 200 : verdict === false ? 401 : verdict;
        response.end('{}');
      });
    });
  }
  const hmac = (raw: Buffer | string, t: string) => hmacHex(SECRET, `${t}.`, raw);
  const asText = (change: (text: string) => string) => (raw: Buffer, t: string, v1: string) =>
    hmac(change(raw.toString()), t) === v1;

  test.each([
    ['unicode written raw', (raw: Buffer, t: string, v1: string) => hmac(raw.toString('latin1'), t) === v1],
    ['unicode written as escapes', asText((text) => text.replaceAll('\\/', '/'))],
    ['spaced JSON', asText((text) => text.trim())],
    ['a number written 87.0', asText((text) => text.replaceAll('87.0', '87'))],
    // Random ids may have those characters too.
    ['a number written 1e2', asText((text) => text.replaceAll(/(?<![\w-])1e2(?![\w-])/g, '100'))],
  ])('raw-bytes: %s', async (what, verify) => {
    const { url } = await receiver(verify);
    const { details, report } = await checkJson([url, '--only', 'raw-bytes']);
    expect(report.probes[0]?.outcome).toBe('passed');
    expect(details('raw-bytes')).toBe(`${what}: 401 {}`);
  });

  test('stale: a comparison with NaN', async () => {
    const { url } = await receiver(
      (raw, t, v1) => !(Math.abs(Date.now() / 1000 - Number(t)) > 300) && hmac(raw, t) === v1,
    );
    const { details } = await checkJson([url, '--only', 'stale,future']);
    expect(details('stale')).toBe('t=soon, rightly signed: accepted with 200 {}');
  });

  test('malformed-header: each is sent, and 3xx is no 4xx', async () => {
    for (const status of [500, 302, 200]) {
      const { url } = await receiver((raw, t, v1) => hmac(raw, t) === v1 || status);
      const { details } = await checkJson([url, '--only', 'malformed-header']);
      const said = details('malformed-header')!.split('\n');
      expect(said).toHaveLength(11);
      for (const one of said) expect(one).toContain(`${status} {}`);
    }
  });

  test('wrong-secret: each is sent and signed with it', async () => {
    const used: string[] = [];
    const { url } = await receiver((raw, t, v1) => {
      const guesses = [SECRET, '', 'undefined', 'null', 'None'];
      const found = guesses.find((one) => hmacHex(one, `${t}.`, raw) === v1);
      used.push(found ?? 'random');
      return true;
    });
    const { details } = await checkJson([url, '--only', 'wrong-secret']);
    expect(details('wrong-secret')!.split('\n')).toHaveLength(5);
    expect(used).toEqual([SECRET, 'random', '', 'undefined', 'null', 'None']);
  });

  test('unknown-fields and reorder: each place and each order', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        response.statusCode = /carvos_check_field|carvos-check-/.test(text) ? 422 : 200;
        response.end();
      });
    });
    const { details } = await checkJson([url, '--only', 'unknown-fields,reorder']);
    expect(details('unknown-fields')).toBe('beside data: 422\nin data: 422');
    expect(details('reorder')!.split('\n')).toHaveLength(3);
  });
});

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
    expect(json.probes).toEqual(PROBES.map(factsOf));
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
    ['last_v1_only', 'advisory'],
    ['ignores_age', 'recommended'],
    ['either_secret', 'required'],
  ])('--fail-on draws the line: %s', async (mistake, level) => {
    const url = await startExample('python', mistake);
    const levels = ['required', 'recommended', 'advisory'];
    for (const failOn of levels) {
      const { code, stdout } = await check([url, '--fail-on', failOn]);
      expect([failOn, code]).toEqual([failOn, levels.indexOf(failOn) >= levels.indexOf(level) ? 1 : 0]);
      expect(stdout).toContain(`1 does not (1 ${level})`);
    }
    expect((await check([url])).code).toBe(level === 'required' ? 1 : 0);
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
      const server = createTcpServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(talk));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const { code, stderr } = await check([`${(server.address() as AddressInfo).port}`]);
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

describe('hostile receivers', () => {
  test.each(['hangs', 'drips'] as const)('one that %s is given up after --timeout', async (kind) => {
    const { url, seen } = await startBadReceiver(kind);
    const { code, outcome, details, report } = await checkJson([url, '--timeout', '400ms']);
    expect(code).toBe(1);
    expect(outcome('accepts-valid')).toBe('failed');
    expect(details('accepts-valid')).toContain('within 400 ms');
    expect(report.counts.not_judged).toBe(PROBES.length - 1);
    expect(seen()).toBe(1);
  });

  test('of a gigabyte only the beginning is read', async () => {
    const { url } = await startBadReceiver('gigabyte');
    const { code, details, report } = await checkJson([url]);
    expect(report.unreachable).toBeNull();
    expect(code).toBe(1);
    expect(details('accepts-valid')).toContain('larger than 16 MiB');
  });

  test('one that hangs on whatever is wrong costs one timeout a probe', async () => {
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const header = String(request.headers['x-webhook-signature']);
        if (pythonAccepts(Buffer.concat(chunks), SECRET, header)) response.end('{}');
      });
    });
    const { outcome, report } = await checkJson([
      url,
      '--only',
      'malformed-header,wrong-secret',
      '--timeout',
      '1s',
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

describe('what is shown', () => {
  test('a finding says why, where it is documented and how to fix it; without colour too', async () => {
    const url = await startExample('python', 'rewritten_json');
    const { stdout } = await check([url], { env: { NO_COLOR: '1' } });
    const { why, documented, fix } = PROBES.find(({ id }) => id === 'raw-bytes')!;
    expect(stdout).toMatch(/^✗ raw-bytes/m);
    expect(stdout).toMatch(/^✓ accepts-valid/m);
    expect(stdout).toContain('spaced JSON: 401 {"detail": "Invalid signature"}');
    for (const text of [why, documented, fix]) expect(stdout).toContain(text);
    expect(stdout.match(/^(Required|Recommended|Advisory)$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/21 hold, 1 does not \(1 required\)/);
    expect((await check([url, '--color', 'always'])).stdout).toContain('\u001b[31m✗');
  });

  test('what is not judged names what comes first, and a wrong secret is recognized', async () => {
    const { stdout } = await check([await startExample('python', 'incoming_secret')]);
    expect(stdout).toContain('it accepts the incoming secret instead');
    expect(stdout).toMatch(/^– not judged: accepts-valid fails.*\(.*stale.*\)$/m);
  });

  test('without an incoming secret the other direction is not judged', async () => {
    const url = await startExample('python');
    const config = {
      ats: [
        {
          id: 'a',
          name: 'A',
          outgoingSecret: SECRET,
          incomingSecret: { env: 'NOT_SET' },
          apiKey: 'an-api-key',
        },
      ],
    };
    const cwd = tempFolder({ 'carvos.config.json': JSON.stringify(config) });
    const { stdout, code } = await check([url], { cwd });
    expect(stdout).toMatch(/^– not judged: the incoming secret is not set \(other-direction\)/m);
    expect(code).toBe(0);
  });

  test('the same secret in both directions is a finding', async () => {
    const url = await startExample('python');
    const { stdout, code } = await check([url], { env: { CARVOS_INCOMING_SECRET: SECRET } });
    expect(stdout).toContain('incoming and outgoing secret are the same');
    expect(code).toBe(1);
  });

  test('JUnit: valid XML that agrees with the exit code', async () => {
    const url = await startExample('python', 'ignores_age');
    for (const [failOn, failures] of [
      ['required', 0],
      ['recommended', 1],
    ] as const) {
      const { cwd, code } = await check([url, '--junit', 'out.xml', '--fail-on', failOn]);
      expect(code).toBe(failures);
      const suites = readJunit(join(cwd, 'out.xml'));
      expect(suites.root).toMatchObject({
        tests: `${PROBES.length}`,
        failures: String(failures),
        errors: '0',
      });
      expect(suites.cases).toHaveLength(PROBES.length);
      const stale = suites.cases.find(({ name }) => name.startsWith('stale:'))!;
      expect(stale.child).toBe(failures === 1 ? 'failure' : 'skipped');
      expect(stale.message).toContain('t ten minutes ago: accepted with 200');
      if (failures === 1) expect(stale.text).toMatch(/why: .*\ndocumented: .*\nfix: /);
      expect(suites.cases.find(({ name }) => name.startsWith('future:'))?.child).toBe('skipped');
      expect(suites.cases.filter(({ child }) => child === null)).toHaveLength(PROBES.length - 3);
    }
  });

  test('JUnit: nobody there is an error in each case that counts', async () => {
    const { cwd } = await check([await unusedUrl(), '--junit', 'out.xml']);
    const { root, cases } = readJunit(join(cwd, 'out.xml'));
    const required = PROBES.filter(({ level }) => level === 'required').length;
    expect(root).toMatchObject({ errors: String(required), skipped: String(PROBES.length - required) });
    expect(cases.filter(({ child }) => child === 'error')).toHaveLength(required);
  });
});

describe('--state', () => {
  test('decides where it changes with events', async () => {
    // Its answers are always the same; only its state tells.
    let events = 0;
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') return void response.end(`{"events":${events}}`);
      events++;
      return void request.resume().on('end', () => response.end('{"status":"received"}'));
    });
    const only = [url, '--only', 'duplicate', '--fail-on', 'recommended'];
    expect((await checkJson(only)).outcome('duplicate')).toBe('passed');
    const { code, details } = await checkJson([...only, '--state', url]);
    expect(code).toBe(1);
    expect(details('duplicate')).toContain('the state changed at the second time');
  });

  test('says so where it does not change, and compares the answers', async () => {
    let count = 0;
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') return void response.end('same');
      return void request.resume().on('end', () => response.end(`{"id":${count++}}`));
    });
    const { outcome, details } = await checkJson([url, '--only', 'duplicate', '--state', url]);
    expect(outcome('duplicate')).toBe('failed');
    expect(details('duplicate')).toContain('the state did not change at the first event either');
  });

  test('an answer that says "duplicate" may differ', async () => {
    const seen = new Set<string>();
    const { url } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { event_id } = JSON.parse(Buffer.concat(chunks).toString());
        response.end(`{"status":"${seen.has(event_id) ? 'duplicate' : 'received'}"}`);
        seen.add(event_id);
      });
    });
    expect((await checkJson([url, '--only', 'duplicate'])).outcome('duplicate')).toBe('passed');
  });

  test('a URL without a state is wrong usage', async () => {
    const url = await startExample('python');
    for (const state of [new URL('/nothing', url).href, await unusedUrl()]) {
      const { code, stderr } = await check([url, '--state', state]);
      expect(code).toBe(2);
      expect(stderr).toContain('--state shows no state');
    }
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

const READ_JUNIT = `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = []
for case in root.iter("testcase"):
    child = case[0] if len(case) else None
    cases.append({"name": case.get("name"), "child": None if child is None else child.tag,
                  "message": "" if child is None else child.get("message"), "text": "" if child is None else child.text})
json.dump({"root": root.attrib, "cases": cases}, sys.stdout)
`;

/** Python's own parser as the judge of the XML. */
function readJunit(file: string): {
  root: Record<string, string>;
  cases: { name: string; child: string | null; message: string; text: string }[];
} {
  return JSON.parse(execFileSync('python3', ['-c', READ_JUNIT, file], { encoding: 'utf8' }));
}

describe('the same event several times at once, with --state', () => {
  /** Looks first and stores later, under no unique key: each copy counts. */
  async function startCounting(show: (events: string[]) => unknown): Promise<string> {
    const events: string[] = [];
    const { url } = await serveHttp((request, response) => {
      if (request.method === 'GET') return void response.end(JSON.stringify(show(events)));
      let text = '';
      request.on('data', (piece) => {
        text += piece;
      });
      request.on('end', () => {
        const id = String(JSON.parse(text).event_id);
        const isNew = !events.includes(id);
        setTimeout(() => {
          if (isNew) events.push(id);
          response.end('{}');
        }, 100); // such as a query
      });
    });
    return `${url}/`;
  }

  test.each<[string, (events: string[]) => unknown, RegExp]>([
    ['a number', (events) => events.length, /copies at once counted [2-5] times/],
    [
      'a number inside',
      (events) => ({ version: 7, events: { total: events.length } }),
      /counted [2-5] times/,
    ],
    ['a list of ids', (events) => events, /counted [2-5] times/],
    [
      'something else',
      (events) =>
        [...events]
          .reverse()
          .map(() => 'x')
          .join(''),
      /how often an event counts/,
    ],
  ])('%s', async (_name, show, says) => {
    const url = await startCounting(show);
    const { stdout } = await check([url, '--state', url, '--only', 'duplicate-at-once', '--json']);
    const { probes } = CheckReport.parse(JSON.parse(stdout));
    expect(probes.find(({ id }) => id === 'duplicate-at-once')?.details.join()).toMatch(says);
  });
});

test('a receiver that takes seconds for milliseconds is told so', async () => {
  const { stdout } = await check([await startExample('express', 'milliseconds')]);
  expect(stdout).toContain('it accepts a t in milliseconds: t is in seconds');
});
