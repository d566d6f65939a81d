import { expect, test } from 'vitest';
import { writeEmulatorFile } from '../../src/client/emulator-file.ts';
import { CALL_NAMES, CONTROL_CALLS, CONTROL_PREFIX } from '../../src/contract/control.ts';
import { INVOCATIONS, type Invocation, KEY, listCommands } from '../support/command-calls.ts';
import { startDemoGateway } from '../support/demo-gateway.ts';
import { postWebhook } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { findObeyed, HOSTILE, startHostileProxy } from '../support/hostile-answers.ts';
import { CARVOS, runCli, spawnProgram } from '../support/program.ts';
import { connectRaw } from '../support/raw-client.ts';
import { havePrograms } from '../support/require-program.ts';

/** Headers, ids, a name and an answer that a terminal would obey. */
async function startHostileGateway() {
  const gateway = await startDemoGateway();
  const { emulator, deliver } = gateway;
  const { id, reference_id } = await deliver({
    // A control character makes no identifier.
    event_id: 'evt-\u202e\u2066\u200b',
    first_name: `Jane ${HOSTILE}`,
    note: { [HOSTILE]: HOSTILE },
  });
  const client = connectRaw(emulator.url);
  const header = Buffer.from('\x9b31m\x85', 'latin1').toString('latin1');
  client.socket.write(
    `POST /v1/webhooks/demo-ats HTTP/1.1\r\nHost: x\r\nX-Odd: ${header}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    'latin1',
  );
  await client.closed;
  return { ...gateway, id, reference_id };
}

test('no answer of the control API holds a character that a terminal obeys', async () => {
  const { emulator, control, id, reference_id } = await startHostileGateway();
  const headers = { Authorization: `Bearer ${emulator.controlToken}` };
  const refused = (await control.log({ direction: 'inbound', limit: 1 })).items[0]!;
  const params: Record<string, string> = { number: '1' };
  let spelt = 0;
  for (const name of CALL_NAMES.filter((one) => CONTROL_CALLS[one].method === 'get')) {
    if (name === 'feed' || name === 'saveSnapshot') continue;
    for (const one of [id, reference_id, refused.delivery_id, encodeURIComponent(`no-${HOSTILE}`)]) {
      params.id = one;
      const path = CONTROL_CALLS[name].path.replace(/\{(\w+)\}/g, (_all, key) => params[key]!);
      const text = await (
        await fetch(`${emulator.url}${CONTROL_PREFIX}${path}?timeout_ms=0`, { headers })
      ).text();
      expect.soft(findObeyed(text), `${name}: ${path}`).toBeNull();
      if (text.includes('\\u202e')) spelt++;
      JSON.parse(text);
    }
  }
  expect(spelt).toBeGreaterThan(2);
  for (const path of [
    '/v1/candidates',
    `/v1/${encodeURIComponent(HOSTILE)}`,
    `/v1/candidates/${encodeURIComponent(HOSTILE)}`,
  ]) {
    const keys = {
      'X-API-Key': 'key-of-demo-ats',
      'X-ATS-Client-ID': 'acme-corp',
      'X-ATS-User-ID': 'admin-user',
    };
    const text = await (await fetch(`${emulator.url}${path}`, { headers: keys })).text();
    expect.soft(findObeyed(text), path).toBeNull();
  }
});

/** Such a gateway behind a proxy that makes it worse, for the commands in its folder. */
async function startHostileFolder() {
  const gateway = await startHostileGateway();
  const { emulator, cwd, control } = gateway;
  const url = await startHostileProxy(emulator.url);
  writeEmulatorFile(cwd, { url, token: emulator.controlToken, pid: process.pid, started_at: '' });
  const refused = (await control.log({ direction: 'inbound', limit: 1 })).items[0]!;
  return { ...gateway, refused };
}

/** Calls with what the commands of others in `INVOCATIONS` do not have: hostile arguments and input. */
function callsOf({ id, refused }: Awaited<ReturnType<typeof startHostileFolder>>) {
  const just = (...args: string[]): Invocation => ({ args: () => args });
  const more: Record<string, Invocation[]> = {
    'deliveries show': [id, `${id}/1`, refused.delivery_id, refused.id].flatMap((one) =>
      [[], ['--curl']].map((flags) => just('deliveries', 'show', one, ...flags)),
    ),
    'deliveries list': [just('deliveries', '--limit', '100')],
    verify: [
      {
        ...just('verify', '--signature', `t=1,v1=${HOSTILE.replace(/\x00/g, '')}`),
        stdin: `{"a":"${HOSTILE}"}`,
      },
      just('verify', '--delivery', id),
    ],
    send: [
      { ...just('send', '-', '--dry-run'), stdin: JSON.stringify({ event: HOSTILE, a: `${HOSTILE}` }) },
      { ...just('send', '-', '--curl'), stdin: `{"event":"candidate.created","a":"\u202e\x9b"}` },
      { ...just('send', '-'), stdin: `{"event":"${HOSTILE}"}` },
    ],
    events: [just('events', HOSTILE)],
    trigger: [{ ...just('trigger', '-'), stdin: JSON.stringify({ event: 'x', event_id: HOSTILE }) }],
    trace: [just('trace', HOSTILE)],
  };
  return more;
}

test('no command prints a character that a terminal obeys, in text or JSON', async () => {
  const gateway = await startHostileFolder();
  const more = callsOf(gateway);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'dumb', ...KEY };
  const spelt = new Set<string>();
  for (const name of await listCommands()) {
    if (name === 'inspect' || name === 'init') continue; // a screen of its own; nothing of others
    // What verify is given there is the test's own, and takes it seconds to search.
    const calls = name === 'verify' ? [] : INVOCATIONS[name]!;
    for (const one of [...calls, ...(more[name] ?? [])]) {
      if (one.until !== undefined) continue; // below
      for (const json of [false, true]) {
        const given = await one.args(gateway);
        const end = given.indexOf('--');
        const args = !json ? given : end < 0 ? [...given, '--json'] : given.toSpliced(end, 0, '--json');
        const cwd = one.alone ? tempFolder() : gateway.cwd;
        const { code, stdout, stderr } = await runCli(args, { cwd, env, stdin: one.stdin, terminal: true });
        const printed = stdout + stderr;
        const label = `carvos ${args.join(' ')}`;
        expect.soft(code, label).not.toBe(70);
        // What carvos itself wipes off its progress is no text of others.
        expect.soft(findObeyed(printed.replaceAll('\r\x1b[K', '')), label).toBeNull();
        if (/\\(u202e|x1b|u001b)/.test(printed)) spelt.add(`${name}${json ? ' --json' : ''}`);
      }
    }
  }
  // The hostile text was there, and is shown as what it is.
  const shows = ['deliveries show', 'trace', 'status', 'workspace list', 'jobs list', 'config show'];
  for (const name of shows)
    for (const json of ['', ' --json']) expect.soft([...spelt]).toContain(name + json);
});

const missing = !havePrograms('what the built program prints on a terminal', 'python3');

test.skipIf(missing)('nor does the built program, on a real terminal', async () => {
  const gateway = await startHostileFolder();
  const runOnTerminal = openTerminals();
  for (const one of Object.values(callsOf(gateway)).flat()) {
    const args = await one.args(gateway);
    const { code, bytes } = await runOnTerminal(args, gateway.cwd, one.stdin);
    const label = `carvos ${args.join(' ')}`;
    expect.soft(code, label).not.toBe(70);
    expect.soft(findObeyed(bytes.replaceAll('\r\x1b[K', '')), label).toBeNull();
  }
});

test('what runs until it is stopped prints none either', async () => {
  const { cwd, deliver } = await startHostileFolder();
  for (const json of [[], ['--json']]) {
    const follow = spawnProgram(process.execPath, [CARVOS, 'deliveries', '--follow', ...json], { cwd });
    await follow.waitForText(/dlv_/);
    await deliver({ first_name: HOSTILE });
    const dev = spawnProgram(process.execPath, [CARVOS, 'dev', '--port', '0', '--db', ':memory:', ...json], {
      cwd: tempFolder(),
    });
    const place = (await dev.waitForText(/http:\/\/127\.0\.0\.1:\d+/))[0];
    await dev.waitForText(/ready|^.*→/m);
    await expect.poll(async () => (await fetch(`${place}/readyz`)).status).toBe(200);
    const event = JSON.stringify({ event: HOSTILE, event_id: HOSTILE, client_id: HOSTILE });
    await postWebhook({ url: place }, event);
    await fetch(`${place}/${encodeURIComponent(HOSTILE)}`);
    await dev.waitForText(/404/);
    const listen = spawnProgram(process.execPath, [CARVOS, 'listen', '--port', '0', ...json], { cwd });
    const receiver = (await listen.waitForText(/http:\/\/127\.0\.0\.1:\d+/))[0];
    await fetch(`${receiver}/${encodeURIComponent(HOSTILE)}`, {
      method: 'POST',
      headers: { 'X-Webhook-Signature': 't=1,v1=\x9b\x85' },
      body: event,
    });
    await listen.waitForText(/\\(x1b|u001b|x9b|u009b)/);
    for (const program of [follow, dev, listen]) {
      await program.end('SIGINT');
      expect.soft(findObeyed(program.stdout + program.stderr)).toBeNull();
    }
  }
});

/** Runs the built program on terminals without colours, one call after the other. */
function openTerminals() {
  const python = spawnProgram('python3', ['-c', TERMINALS], { open: true });
  let from = 0;
  return async (args: string[], cwd: string, stdin = ''): Promise<{ code: number; bytes: string }> => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'dumb', ...KEY };
    const call = { args: [process.execPath, CARVOS, ...args], cwd, env, stdin };
    python.stdin.write(`${JSON.stringify(call)}\n`);
    const end = () => python.stdout.indexOf('\n', from);
    await python.waitUntil(() => end() >= 0, `the end of carvos ${args.join(' ')}`);
    const { code, bytes } = JSON.parse(python.stdout.slice(from, end()));
    from = end() + 1;
    // Of what a terminal adds, the carriage returns are taken away.
    return { code, bytes: Buffer.from(bytes, 'base64').toString().replaceAll('\r\n', '\n') };
  };
}

/** A terminal for what is printed, but not for what is read; everything that came is printed, byte for byte. */
const TERMINALS = `
import base64, json, os, pty, subprocess, sys
for line in sys.stdin:
    call = json.loads(line)
    master, slave = pty.openpty()
    child = subprocess.Popen(call["args"], cwd=call["cwd"], env=call["env"],
                             stdin=subprocess.PIPE, stdout=slave, stderr=slave)
    os.close(slave)
    try:
        with child.stdin: child.stdin.write(call["stdin"].encode())
    except BrokenPipeError: pass
    pieces = []
    while True:
        try: data = os.read(master, 65536)
        except OSError: break
        if not data: break
        pieces.append(data)
    os.close(master)
    print(json.dumps({"code": child.wait(), "bytes": base64.b64encode(b"".join(pieces)).decode()}), flush=True)
`;
