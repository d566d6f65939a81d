import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/cli/terminal/errors.ts';
import { startBadReceiver } from '../support/bad-receivers.ts';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli, startCarvos } from '../support/program.ts';
import { serveSocket, startRecordingServer, unusedUrl } from '../support/receiver.ts';

type Code = keyof typeof EXIT;

/** One way to each exit code, with the built program: what it ends with, and a word that it says. */
type Case = [
  name: string,
  run: () => Promise<{ code: number | null; stdout: string; stderr: string }>,
  says: RegExp,
];

const empty = () => ({ cwd: tempFolder() });
const body = (files: Record<string, string> = { 'body.json': '{}' }) => ({ cwd: tempFolder(files) });

// The type makes sure that no code is left out.
const CASES: Record<Code, Case[]> = {
  ok: [
    ['a command that is done', () => runCli(['sign'], { ...empty(), stdin: '{}' }), /^t=\d+,v1=/],
    [
      'what was expected holds',
      async () => {
        const { cwd } = await startDemoGateway();
        return runCli(['send', 'candidate.created', '--expect', 'status=success'], { cwd });
      },
      /expectations hold/,
    ],
    ['dev that is stopped', () => interruptedDev('SIGINT'), /ready/],
    ['dev that is terminated', () => interruptedDev('SIGTERM'), /ready/],
  ],
  notMet: [
    [
      'a receiver that does not accept',
      async () => {
        const { url } = await startRecordingServer(() => ({ status: 500 }));
        return runCli(['trigger', 'candidate.created', '--timeout', '60s', '--url', url], empty());
      },
      /500/,
    ],
    [
      'a receiver whose answer does not end',
      async () => {
        const { url } = await startBadReceiver('gigabyte');
        return runCli(['trigger', 'candidate.created', '--timeout', '60s', '--url', url], empty());
      },
      /larger than 16 MiB/,
    ],
    [
      'an expectation that does not hold',
      async () => {
        const { cwd } = await startDemoGateway();
        return runCli(['send', 'candidate.created', '--expect', 'status=failed'], { cwd });
      },
      /expectation not met/,
    ],
    [
      'a delivery that fails for good',
      async () => {
        const { cwd } = await startDemoGateway(() => 500, { speed: 'max' });
        return runCli(['send', 'candidate.created', '--wait'], { cwd });
      },
      /exhausted/,
    ],
  ],
  usage: [
    [
      'a subcommand that is mistyped, where another is the default',
      () => runCli(['config', 'shwo'], empty()),
      /there is no command config shwo\. Did you mean show\?\n {2}next: run carvos config --help/,
    ],
    [
      'an option before a command that carvos alone does not have',
      () => runCli(['--versoin=1'], empty()),
      /--versoin is no option of carvos alone: .*\. Did you mean --version\?\n {2}next: run carvos --help/,
    ],
    [
      'an option of every command, before it',
      () => runCli(['--json', 'status'], empty()),
      /--json must come after a command\n {2}next: run carvos --help/,
    ],
    [
      'a command that is none, called through npx',
      () => runCli(['stats'], { ...empty(), env: { npm_config_user_agent: 'npm/11.0.0 node/v24.0.0' } }),
      /there is no command stats\. Did you mean status\?\n {2}next: run npx carvos --help/,
    ],
    [
      'a subcommand without what it requires',
      () => runCli(['workspace', 'add', 'acme'], empty()),
      /--name.*\n {2}next: run carvos workspace add --help/,
    ],
    [
      'an event that is mistyped, for a fault',
      () => runCli(['fault', 'add', 'stale', '--event', 'candidate.creatd'], empty()),
      /--event: "candidate\.creatd" is not one of .*Did you mean candidate\.created\?/,
    ],
    [
      'a count below what makes sense',
      () => runCli(['fault', 'add', 'stale', '--first', '0'], empty()),
      /--first: "0" is not a whole number from 1 to 1000/,
    ],
    [
      'a digest that is none',
      () => runCli(['verify', '--signature', 't=1,v1=x', '--computed', 'abc'], { ...empty(), stdin: '{}' }),
      /--computed: "abc" is not a signature/,
    ],
    [
      'recordings that are not there',
      () => runCli(['dev', '--playback', 'nowhere', '--port', '0'], empty()),
      /there is no folder .*nowhere to play back/,
    ],
    [
      'CARVOS_URL of another gateway than the one that runs here',
      async () => {
        const { cwd } = await startDemoGateway();
        return runCli(['status'], { cwd, env: { CARVOS_URL: await unusedUrl() } });
      },
      /CARVOS_URL is http.*, but the gateway that runs here is http/,
    ],
    [
      'the same for what would do without a gateway',
      async () => {
        const { cwd } = await startDemoGateway();
        return runCli(['trigger', 'candidate.created'], { cwd, env: { CARVOS_URL: await unusedUrl() } });
      },
      /CARVOS_URL is http.*, but the gateway that runs here is http/,
    ],
    [
      'the command for an attempt that went nowhere',
      async () => {
        const gateway = await startDemoGateway();
        gateway.emulator.setWebhookUrl('nonsense');
        const { id } = await gateway.deliver();
        return gateway.carvos('deliveries', 'show', `${id}/1`, '--curl');
      },
      /went nowhere/,
    ],
    ['no command', () => runCli([], empty()), /Usage/],
    ['an unknown command', () => runCli(['sned'], empty()), /Did you mean send/],
    ['an unknown flag', () => runCli(['send', '--bogus'], empty()), /--bogus/],
    [
      'a wrong configuration',
      () => runCli(['dev', '--port', '0'], body({ 'carvos.config.json': '{\n"prot": 1}' })),
      /carvos\.config\.json:2/,
    ],
    ['an input file that is not there', () => runCli(['sign', 'missing.json'], empty()), /no such file/],
    ['no running gateway', () => runCli(['deliveries'], empty()), /no emulator|carvos dev/],
    [
      'an address that is not private',
      () => runCli(['send', 'body.json', '--url', 'http://203.0.113.1'], body()),
      /--live/,
    ],
  ],
  signature: [
    [
      'a wrong signature',
      () =>
        runCli(['verify', '--signature', `t=1,v1=${'0'.repeat(64)}`, '--tolerance', '0'], {
          ...empty(),
          stdin: '{}',
        }),
      /./,
    ],
    [
      'a malformed one',
      () => runCli(['verify', '--signature', 'nonsense'], { ...empty(), stdin: '{}' }),
      /./,
    ],
  ],
  refused: [
    [
      'a gateway whose answer does not end',
      async () => {
        const { url } = await startBadReceiver('gigabyte');
        return runCli(['send', 'candidate.created', '--url', new URL(url).origin], empty());
      },
      /larger than 16 MiB/,
    ],
    ...[401, 422, 503].map(
      (status): Case => [
        `a gateway that answers ${status}`,
        async () => {
          const { url } = await startRecordingServer(() => ({ status, body: { detail: 'because' } }));
          return runCli(['send', 'candidate.created', '--url', url], empty());
        },
        /because/,
      ],
    ),
    [
      'a control API that refuses',
      async () => {
        const { url } = await startRecordingServer(() => ({
          status: 401,
          body: { detail: 'Invalid token' },
        }));
        const env = { CARVOS_URL: url, CARVOS_CONTROL_TOKEN: 'wrong' };
        return runCli(['status'], { ...empty(), env });
      },
      /CARVOS_CONTROL_TOKEN/,
    ],
  ],
  unreachable: [
    [
      'a gateway that is not there, called through npx',
      async () => {
        const env = { npm_config_user_agent: 'npm/11.0.0 node/v24.0.0' };
        return runCli(['send', 'candidate.created', '--url', await unusedUrl()], { ...empty(), env });
      },
      /error: .*nothing listens there\n {2}at: .*\n {2}next: Nothing listens on .*\. Start it with npx carvos dev, or/,
    ],
    [
      'refused',
      async () => runCli(['send', 'candidate.created', '--url', await unusedUrl()], empty()),
      /nothing listens there/,
    ],
    [
      'reset',
      async () => {
        const port = await listenRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
        return runCli(['send', 'candidate.created', '--url', String(port)], empty());
      },
      /closed before the answer/,
    ],
    [
      'a name that is not found',
      () =>
        // RFC 6761: never found. Unknown names are no private addresses, so the guard wants --live.
        runCli(['send', 'body.json', '--live', '--url', 'http://carvos.invalid', '--timeout', '60s'], {
          ...body(),
          env: { CARVOS_INCOMING_SECRET: 'own' },
        }),
      /does not resolve/,
    ],
    [
      'TLS with who speaks none',
      async () => {
        const port = await listenRaw((socket) =>
          socket.once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n')),
        );
        return runCli(['send', 'candidate.created', '--url', `https://127.0.0.1:${port}`], empty());
      },
      /TLS/,
    ],
  ],
  timeout: [
    [
      'no answer in time',
      async () => {
        const { url } = await startRecordingServer(() => null);
        return runCli(['send', 'candidate.created', '--timeout', '300ms', '--url', url], empty());
      },
      /no complete answer within 300 ms/,
    ],
    [
      'a delivery that is still pending',
      async () => {
        const { cwd } = await startDemoGateway(() => 500);
        return runCli(['send', 'candidate.created', '--wait', '--timeout', '3s'], { cwd });
      },
      /is pending: attempt 2 is due in 1m of production time/,
    ],
  ],
  bug: [
    [
      'what is thrown',
      () => broken('performance.now = () => { throw new Error("broken") };'),
      /has a bug: broken/,
    ],
    [
      'what is thrown later, where nobody waits for it',
      () =>
        broken(`
          import { IncomingMessage } from 'node:http';
          const { emit } = IncomingMessage.prototype;
          IncomingMessage.prototype.emit = function (name, ...rest) { if (name === 'end') throw new Error('broken'); return emit.call(this, name, ...rest); };
        `),
      /has a bug: broken/,
    ],
  ],
  interrupted: [['Ctrl-C', () => interruptedSend('SIGINT'), /interrupted/]],
  terminated: [['SIGTERM', () => interruptedSend('SIGTERM'), /interrupted/]],
};

describe.each(Object.keys(CASES) as Code[])('exit code: %s', (code) => {
  test.each(CASES[code])(`${EXIT[code]}: %s`, async (_name, run, says) => {
    const result = await run();
    expect(result.stdout + result.stderr).toMatch(says);
    expect(result).toMatchObject({ code: EXIT[code] });
    // Nobody but who asks for it with --verbose sees a stack trace.
    expect(result.stderr).not.toMatch(/^ {4}at /m);
  });
});

test('a bug shows its stack with --verbose', async () => {
  const { code, stderr } = await broken(
    'performance.now = () => { throw new Error("broken") };',
    '--verbose',
  );
  expect(code).toBe(70);
  expect(stderr).toMatch(/^ {4}at /m);
});

/** `carvos send` in a process whose own runtime is broken: nothing that a user can do is handled so. */
async function broken(preload: string, ...args: string[]) {
  const { url } = await startRecordingServer(() => ({ status: 202, body: { reference_id: 'r' } }));
  const cwd = tempFolder({ 'broken.mjs': preload });
  const env = { NODE_OPTIONS: `--import "${join(cwd, 'broken.mjs')}"` };
  return runCli(['send', 'candidate.created', '--url', url, ...args], { cwd, env });
}

async function interruptedDev(signal: NodeJS.Signals) {
  const carvos = startCarvos(['dev', '--port', '0', '--db', ':memory:', '--json'], empty());
  await carvos.waitForText('"ready"');
  carvos.kill(signal);
  return carvos.ended;
}

async function interruptedSend(signal: NodeJS.Signals) {
  let asked = 0;
  const { url } = await startRecordingServer(() => {
    asked++;
    return null;
  });
  const carvos = startCarvos(['send', 'candidate.created', '--url', url], empty());
  await expect.poll(() => asked).toBe(1);
  carvos.kill(signal);
  return carvos.ended;
}

async function listenRaw(onConnection: (socket: import('node:net').Socket) => void): Promise<number> {
  return (await serveSocket(onConnection)).port;
}
