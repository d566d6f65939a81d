import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { pythonAccepts } from '../../support/python-signature.ts';
import {
  type Answer,
  type RecordedRequest,
  serveHttp,
  startRecordingServer,
  unusedUrl,
} from '../../support/receiver.ts';
import { residentBytes } from '../../support/resident-bytes.ts';

const SECRET = 'demo-incoming-secret';
const accepted: Answer = { status: 202, body: { reference_id: '019bb2a4-6c03-7d1e-9a43-5b7e0f3c0003' } };

async function send(
  args: string[],
  options: Parameters<typeof runCli>[1] = {},
  answer: (request: RecordedRequest) => Answer | null = () => accepted,
) {
  const gateway = await startRecordingServer(answer);
  const url = ['--url', String(gateway.port)];
  const result = await runCli(['send', ...args, ...url], { cwd: tempFolder(), ...options });
  return { ...result, bodies: gateway.requests.map(({ body }) => body.toString()), gateway };
}

const idOf = (body: string) => JSON.parse(body).event_id as string;
const jsonLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

test('each line of standard input is sent as it is, in order, signed', async () => {
  const lines = ['{ "event":"x", "n": 12345678901234567890 }', '{"a":"\\u00e9é"}', '{"last":1}'];
  const stdin = `${lines[0]}\r\n\n  \n${lines[1]}\n${lines[2]}`;
  const { code, bodies, gateway, stdout } = await send(['-', '--ndjson'], { stdin });
  expect({ code, bodies }).toEqual({ code: 0, bodies: lines });
  for (const { body, headers } of gateway.requests)
    expect(pythonAccepts(body, SECRET, String(headers['x-webhook-signature']))).toBe(true);
  expect(stdout).toMatch(/202 {2}x {2}incoming {2}line 1 .*line 4 .*line 5 .*3 sent in .*: 3 accepted\n$/s);
});

test('an .ndjson file is many events, changed by flags', async () => {
  const cwd = tempFolder({ 'events.ndjson': '{"event":"x","n":1}\n{"n":2}\n' });
  const { code, bodies, stdout } = await send(['events.ndjson', '--client-id', 'me', '--json'], { cwd });
  expect({ code, bodies }).toEqual({
    code: 0,
    bodies: ['{"event":"x","n":1,"client_id":"me"}', '{"n":2,"client_id":"me"}'],
  });
  expect(jsonLines(stdout)).toMatchObject([
    { version: 2, line: 1, repeat: 1, event: 'x', status: 202 },
    { version: 2, line: 2, repeat: 1, event: null, status: 202 },
  ]);
});

test.each([
  ['one that goes over lines', '{\n"event": "x"\n}\n'],
  ['one line with its line break', '{"event":"x"}\n\n'],
  ['two lines that are no JSON', 'a\nb\n'],
  ['two lines that are each an object', '{"a":1}\n{"b":2}\n'],
])('standard input is one body, sent whole: %s', async (_name, stdin) => {
  const { bodies } = await send(['-'], { stdin });
  expect(bodies).toEqual([stdin]);
});

test('--ndjson takes one line for many, and a list with an event a line for wrong lines', async () => {
  const one = await send(['-', '--ndjson'], { stdin: '{"event":"x"}\n' });
  expect(one.bodies).toEqual(['{"event":"x"}']);
  const list = await send(['-', '--ndjson'], { stdin: '[\n{"a":1}\n]\n' });
  expect(list).toMatchObject({ code: 2, bodies: ['{"a":1}'] });
});

test.each([
  ['in the middle', '{"a":1}\n{bad\n{"b":2}\n', 2],
  ['the first', '{bad\n{"a":1}\n{"b":2}\n', 1],
  ['a list', '{"a":1}\n\n[1]\n{"b":2}\n', 3],
])('a wrong line is reported with its number, and the others are sent: %s', async (_name, stdin, line) => {
  const { code, bodies, stderr, stdout } = await send(['-', '--ndjson', '--json'], { stdin });
  expect({ code, bodies }).toEqual({ code: 2, bodies: ['{"a":1}', '{"b":2}'] });
  expect(stderr).toContain(`error: line ${line}: not a JSON object`);
  expect(stderr).toMatch(/2 sent in .*: 2 accepted, 1 line not sent/);
  const wrong = jsonLines(stdout).filter(({ status }) => status === null);
  expect(wrong).toEqual([
    {
      version: 2,
      line,
      repeat: 1,
      status: null,
      error: { code: 'invalid_line', message: 'not a JSON object' },
    },
  ]);
});

test('a line is sent while the next are not there yet', async () => {
  const gateway = await startRecordingServer(() => accepted);
  const carvos = startCarvos(['send', '-', '--ndjson', '--url', String(gateway.port)], {
    cwd: tempFolder(),
    open: true,
  });
  for (let number = 1; number <= 3; number++) {
    carvos.stdin.write(`{"n":${number}}\n`);
    await carvos.waitForText(`line ${number}`);
    expect(gateway.requests).toHaveLength(number);
  }
  carvos.stdin.end();
  expect((await carvos.ended).code).toBe(0);
});

test.skipIf(process.platform !== 'linux')('what was sent is not kept in memory', async () => {
  let count = 0;
  const serving = await serveHttp((request, response) => {
    request.resume().on('end', () => {
      count++;
      response.writeHead(202, { 'Content-Type': 'application/json' }).end('{"reference_id":"r"}');
    });
  });
  const { port } = serving;
  // A limit of its own: half a megabyte may take long where others use the machine.
  const args = ['send', '-', '--ndjson', '--concurrency', '4', '--timeout', '2m', '--url', String(port)];
  const carvos = startCarvos(args, { cwd: tempFolder(), open: true });
  const line = `${JSON.stringify({ event: 'x', text: 'y'.repeat(500_000) })}\n`;
  const LINES = 320;
  let most = 0;
  for (let number = 0; number < LINES; number++) {
    if (!carvos.stdin.write(line)) await once(carvos.stdin, 'drain');
    if (number % 20 === 0) most = Math.max(most, residentBytes(carvos.pid));
  }
  carvos.stdin.end();
  expect((await carvos.ended).code).toBe(0);
  expect(count).toBe(LINES);
  // 160 MB went through a program of less than 100.
  expect(most / 1e6).toBeLessThan(200);
});

test('--repeat gives each a fresh event_id, unless one was given', async () => {
  const sample = await send(['candidate.created', '--repeat', '3', '--json']);
  expect(new Set(sample.bodies.map(idOf)).size).toBe(3);
  expect(jsonLines(sample.stdout).map(({ line, repeat }) => [line, repeat])).toEqual([
    [null, 1],
    [null, 2],
    [null, 3],
  ]);
  const cwd = tempFolder({ 'body.json': '{"event_id":"mine","n":1}' });
  const file = await send(['body.json', '--repeat', '2'], { cwd });
  expect(new Set([...file.bodies.map(idOf), 'mine']).size).toBe(3);
  const given = await send(['body.json', '--repeat', '2', '--event-id', 'given'], { cwd });
  expect(given.bodies.map(idOf)).toEqual(['given', 'given']);
  const set = await send(['body.json', '--repeat', '2', '--set', 'event_id:=set'], { cwd });
  expect(set.bodies.map(idOf)).toEqual(['set', 'set']);
  const lines = await send(['-', '--ndjson', '--repeat', '2'], { stdin: '{"n":1}\n{"n":2}\n' });
  expect(lines.bodies.map((body) => JSON.parse(body).n)).toEqual([1, 1, 2, 2]);
  expect(new Set(lines.bodies.map(idOf)).size).toBe(4);
});

test('--concurrency has so many in flight at once, and no more', async () => {
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const serving = await serveHttp((request, response) => {
    request.resume().on('end', () => {
      most = Math.max(most, ++open);
      waiting.push(() => {
        open--;
        response.writeHead(202).end('{"reference_id":"r"}');
      });
      // Answers leave only when four wait: fewer at once would stand still here.
      if (waiting.length === 4) for (const answer of waiting.splice(0)) answer();
    });
  });
  const url = String(serving.port);
  const { code } = await runCli(
    ['send', 'vacancy.created', '--repeat', '12', '--concurrency', '4', '--timeout', '60s', '--url', url],
    { cwd: tempFolder() },
  );
  expect({ code, most }).toEqual({ code: 0, most: 4 });
});

test.each([
  [[], '{}', 'reference_id missing in the answer'],
  [[], 'Welcome!', 'reference_id missing in the answer'],
  [['--repeat', '3'], '{"reference_id":7}', '3 sent'],
])('a 202 without reference_id is not what was promised (%s %s)', async (flags, answer, text) => {
  const serving = await serveHttp((request, response) => {
    request.resume().on('end', () => void response.writeHead(202).end(answer));
  });
  const url = String(serving.port);
  const { code, stdout, stderr } = await runCli(['send', 'vacancy.created', '--url', url, ...flags], {
    cwd: tempFolder(),
  });
  expect(code, stderr).toBe(4);
  expect(stdout).toContain(text);
});

test('the exit code is that of the worst, and the summary counts', async () => {
  const answer = ({ body }: RecordedRequest) => {
    const status = JSON.parse(body.toString()).n;
    return status === 0 ? null : { status, body: { reference_id: 'r', detail: 'no' } };
  };
  const run = (numbers: number[]) =>
    send(
      ['-', '--ndjson', '--timeout', '2s'],
      { stdin: numbers.map((n) => `{"n":${n}}\n`).join('') },
      answer,
    );
  const refused = await run([202, 422, 0, 422, 503, 202]);
  expect(refused.code).toBe(4);
  expect(refused.stdout).toMatch(
    /6 sent in .*: 2 accepted, 3 refused \(2 × 422, 1 × 503\), 1 without an answer/,
  );
  // What to do next is said once for each kind.
  expect(refused.stderr.match(/correct the fields/g)).toHaveLength(1);
  expect((await run([202, 0])).code).toBe(6);
});

test('a gateway that cannot be reached ends it', async () => {
  const { code, stdout } = await runCli(
    ['send', 'candidate.created', '--repeat', '1000', '--url', await unusedUrl()],
    { cwd: tempFolder() },
  );
  expect(code).toBe(5);
  expect(stdout).toMatch(/\n1 sent in .*: 0 accepted, 1 without an answer, the rest was not tried\n$/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s says what was sent and ends with %i', async (signal, expected) => {
  let asked = 0;
  const gateway = await startRecordingServer(() => (++asked <= 5 ? accepted : null));
  const args = ['send', 'candidate.created', '--repeat', '100', '--json', '--url', String(gateway.port)];
  const carvos = startCarvos(args, { cwd: tempFolder(), open: true });
  await expect.poll(() => asked).toBe(6);
  carvos.kill(signal);
  // npm hands it on twice.
  carvos.kill(signal);
  const { code, stdout, stderr } = await carvos.ended;
  expect(code).toBe(expected);
  expect(stderr).toMatch(/6 sent in .*: 5 accepted, 1 interrupted/);
  const documents = jsonLines(stdout);
  expect(documents).toHaveLength(6);
  expect(documents.at(-1)).toMatchObject({ interrupted: true, status: null });
});

test('a signal while it waits for more lines ends it', async () => {
  const gateway = await startRecordingServer(() => accepted);
  const carvos = startCarvos(['send', '-', '--ndjson', '--url', String(gateway.port)], {
    cwd: tempFolder(),
    open: true,
  });
  carvos.stdin.write('{"n":1}\n');
  await carvos.waitForText('line 1');
  carvos.kill('SIGINT');
  const { code, stdout } = await carvos.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: expect.stringMatching(/1 sent in .*: 1 accepted/) });
});

test('--dry-run prints many requests and sends none', async () => {
  const { code, stdout, bodies } = await send(['-', '--ndjson', '--dry-run', '--json'], {
    stdin: '{"n":1}\n{"n":2}\n',
  });
  expect({ code, bodies }).toEqual({ code: 0, bodies: [] });
  expect(jsonLines(stdout)).toMatchObject([
    { line: 1, body: { text: '{"n":1}' } },
    { line: 2, body: { text: '{"n":2}' } },
  ]);
});

test('an input without an event is said to be one', async () => {
  for (const stdin of ['', '\n \n']) {
    const { code, stderr } = await send(['-', '--ndjson', '--json'], { stdin });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('the input has no event, so nothing is sent'),
    });
  }
  const dry = await send(['-', '--ndjson', '--dry-run'], { stdin: '' });
  expect(dry).toMatchObject({ code: 0, stdout: '', stderr: 'the input has no event, so nothing is sent\n' });
});

test('--dry-run goes on after a bad line and names it, as sending does', async () => {
  const stdin = '{"n":1}\n[2]\n{"n":3}\n';
  const json = await send(['-', '--ndjson', '--dry-run', '--json'], { stdin });
  expect({ code: json.code, bodies: json.bodies }).toEqual({ code: 2, bodies: [] });
  expect(jsonLines(json.stdout)).toMatchObject([
    { line: 1, body: { text: '{"n":1}' } },
    { line: 2, status: null, error: { code: 'invalid_line' } },
    { line: 3, body: { text: '{"n":3}' } },
  ]);
  const curl = await send(['-', '--ndjson', '--curl'], { stdin });
  expect(curl.code).toBe(2);
  expect(curl.stderr).toContain('error: line 2: not a JSON object');
  expect(curl.stdout.match(/curl -sS/g)).toHaveLength(2);
});

test.each([
  [['-', '--ndjson', '--event-id', 'e'], '{"a":1}\n{"b":1}\n', 'would give every line the same'],
  [['missing.ndjson'], '', 'no such file'],
  [['candidate.created', '--expect', 'status=delivered'], '', 'next: choose one of success, failed'],
  [['candidate.created', '--repeat', '0'], '', 'whole number from 1'],
  [['candidate.created', '--concurrency', '1000'], '', 'from 1 to 256'],
  [['candidate.created', '--cv', 'missing.pdf'], '', 'no such file\n  next: give the path of a PDF'],
  [['candidate.created', '--cv', '-'], '', 'not standard input\n  next: give the path of a PDF'],
  [['vacancy.created', '--cv', 'package.json'], '', 'takes no CV'],
  [['candidate.created', '--cv', 'package.json', '--dry-run'], '', 'sends nothing'],
  [['candidate.created', '--via', 'rest', '--secret', 's'], '', 'CARVOS_API_KEY'],
  [['candidate.created', '--via', 'rest', '--fault', 'stale'], '', '--fault duplicate'],
  [['-', '--via', 'rest'], '{"event":"meeting.recorded"}', 'has no REST call'],
  [['-', '--via', 'rest'], '{"event":"candidate.updated"}', 'candidate_id'],
  [['-', '--via', 'rest'], '[]', 'not a JSON object'],
  [['candidate.created', '--via', 'rest', '--client-id', 'é'], '', 'printable ASCII'],
])('refuses %j', async (args, stdin, text) => {
  const cwd = tempFolder({ 'package.json': readFileSync('package.json') });
  const { code, stderr, stdout, bodies } = await send(args, { stdin, cwd });
  expect({ code, stdout: stdout.replace(/^0 sent.*\n/, ''), bodies }).toEqual({
    code: 2,
    stdout: '',
    bodies: [],
  });
  expect(stderr).toContain(text);
});
