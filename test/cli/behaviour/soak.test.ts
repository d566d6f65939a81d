import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { mixOf } from '../../../src/cli/exec/soak-mix.ts';
import { createSoakTally, describeSoak } from '../../../src/cli/exec/soak-tally.ts';
import type { FeedEntry } from '../../../src/contract/control.ts';
import { FaultRule } from '../../../src/contract/fault-rule.ts';
import { tempFolder } from '../../support/folder.ts';
import { CARVOS, runCli, spawnProgram } from '../../support/program.ts';
import { havePrograms } from '../../support/require-program.ts';

const accepted = { type: 'request.accepted', duplicate: false } as FeedEntry;
const attempt = (
  event_id: string,
  fault: string | null,
  duration_ms = 5,
  response_status: number | null = fault === 'reset' ? null : 200,
) =>
  ({
    type: 'attempt.finished',
    record: {
      event_id,
      delivery_id: 'd',
      fault,
      duration_ms,
      response_status,
    },
  }) as FeedEntry;

describe('the mix of faults', () => {
  test('the same seed gives the same one, another seed another', () => {
    expect(mixOf(7)).toEqual(mixOf(7));
    expect(mixOf(7)).not.toEqual(mixOf(8));
  });

  test('each is a rule that holds, and leaves attempts for every event to arrive', () => {
    for (let seed = 0; seed < 200; seed++) {
      for (const { delayMs, ...rule } of mixOf(seed)) {
        const checked = FaultRule.safeParse({ ...rule, delay_ms: delayMs });
        expect(checked.success, JSON.stringify(rule)).toBe(true);
        const spoils = !['duplicate', 'reorder', 'delay'].includes(rule.kind);
        if (spoils) expect(rule.first).toBeLessThanOrEqual(3);
      }
    }
  });
});

describe('the tally', () => {
  test('duplicates are requests that reached the receiver beyond the first', () => {
    const tally = createSoakTally();
    for (const entry of [
      accepted,
      attempt('a', 'status-503'),
      attempt('a', 'reset'),
      attempt('a', 'lost-ack'),
      attempt('a', null, 20),
      attempt('b', 'duplicate'),
      attempt('c', null, 10),
      // Of what came twice one was accepted, and what had no answer took no time to answer.
      { ...accepted, duplicate: true } as FeedEntry,
      attempt('e', null, 1000, null),
    ])
      tally.take(entry);
    tally.endRound({
      seed: 5,
      exitCode: 0,
      status: {
        deliveries: { pending: 1, delivered: 2, exhausted: 0 },
        jobs: { queued: 1, running: 1, done: 3, failed: 0 },
      },
      interrupted: false,
    });
    const document = tally.document(1000);
    expect(document).toMatchObject({
      rounds: 1,
      failed: 0,
      accepted: 1,
      delivered: 2,
      unfinished: 3,
      duplicates: 2,
      first_failing_seed: null,
    });
    expect(document.answers_ms.count).toBe(2);
    expect(document.answers_ms.p50).toBeCloseTo(10, 1);
    expect(document.answers_ms.p99).toBeCloseTo(20, 1);
    // In another round it is another event.
    tally.take(attempt('c', null, 10));
    expect(tally.document(1000).duplicates).toBe(2);
  });

  test('the first seed that fails is kept; a round that was stopped fails for nothing', () => {
    const tally = createSoakTally();
    const end = (seed: number, exitCode: number, exhausted: number, interrupted = false) =>
      tally.endRound({
        seed,
        exitCode,
        status: {
          deliveries: { pending: 0, delivered: 0, exhausted },
          jobs: { queued: 0, running: 0, done: 0, failed: 0 },
        },
        interrupted,
      });
    expect([end(1, 0, 0), end(2, 0, 1), end(3, 1, 0), end(4, 130, 0, true)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    const document = tally.document(61_000);
    expect(document).toMatchObject({ rounds: 4, failed: 2, exhausted: 1, first_failing_seed: 2 });
    expect(describeSoak(document).at(-1)).toBe('  next: call it as before, but with --soak 0s --seed 2');
  });
});

/** An ATS that knows nothing of carvos: receives, sends three candidates, and wants each of them once. */
const ATS = `
import hashlib, hmac, http.server, json, os, sys, threading, time, urllib.request
once, seen, done = set(), [], threading.Event()
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        known = event['event_id'] in once
        once.add(event['event_id'])
        if not known or FORGETFUL: seen.append(event['data']['candidate_id'])
        self.send_response(200); self.send_header('Content-Length', '0'); self.end_headers()
        if len(once) == 3: done.set()
    def log_message(self, *args): pass
FORGETFUL = 'forgetful' in sys.argv
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
env = os.environ
def call(method, url, body, headers):
    request = urllib.request.Request(url, body, headers, method=method)
    urllib.request.urlopen(request).read()
call('PATCH', f"{env['CARVOS_CONTROL_URL']}/ats/{env['CARVOS_ATS_ID']}",
     json.dumps({'webhook_url': f'http://127.0.0.1:{server.server_port}/'}).encode(),
     {'Authorization': f"Bearer {env['CARVOS_CONTROL_TOKEN']}", 'Content-Type': 'application/json'})
for n in range(3):
    body = json.dumps({'event': 'candidate.created', 'event_id': f'e{n}', 'client_id': 'acme-corp', 'user_id': 'admin-user',
        'candidate_id': f'c{n}', 'first_name': 'Jo', 'last_name': 'Doe', 'email': 'jo@example.com'}).encode()
    t = str(int(time.time()))
    mac = hmac.new(env['CARVOS_INCOMING_SECRET'].encode(), t.encode() + b'.' + body, hashlib.sha256).hexdigest()
    call('POST', f"{env['CARVOS_URL']}/v1/webhooks/{env['CARVOS_ATS_ID']}", body,
         {'Content-Type': 'application/json', 'X-Webhook-Signature': f't={t},v1={mac}'})
assert done.wait(20)
# What is sent twice was sent twice when the delivery has ended.
auth = {'Authorization': f"Bearer {env['CARVOS_CONTROL_TOKEN']}"}
status = urllib.request.Request(f"{env['CARVOS_CONTROL_URL']}/status", None, auth)
while json.load(urllib.request.urlopen(status))['deliveries']['pending']: time.sleep(0.02)
sys.exit(0 if sorted(seen) == ['c0', 'c1', 'c2'] else 3)
`;

describe.skipIf(!havePrograms('exec --soak', 'python3'))('exec --soak', () => {
  const soak = (args: string[], command: string[]) =>
    runCli(['exec', '--soak', ...args, '--', ...command], { cwd: tempFolder({ 'ats.py': ATS }) });

  test('a receiver that recognizes duplicates passes; the report says what happened', async () => {
    const { code, stderr } = await soak(['0s', '--seed', '3', '--json'], ['python3', 'ats.py']);
    expect(stderr).toContain('"first_failing_seed":null');
    expect(code).toBe(0);
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({
      rounds: 1,
      failed: 0,
      accepted: 3,
    });
  });

  test('one that does not is found, and its seed plays the same round again', async () => {
    const first = await soak(['4s'], ['python3', 'ats.py', 'forgetful']);
    expect(first.code).toBe(1);
    const seed = /next: .*--soak 0s --seed (\d+)$/m.exec(first.stderr)?.[1];
    expect(first.stderr).toContain(`the round of seed ${seed} failed: the command ended with 3`);
    const again = await soak(['0s', '--seed', seed!], ['python3', 'ats.py', 'forgetful']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`first failing seed: ${seed}`);
    const right = await soak(['0s', '--seed', seed!], ['python3', 'ats.py']);
    expect(right.code).toBe(0);
    expect(/receiver got: (\d+)/.exec(right.stderr)?.[1]).not.toBe('0');
  }, 120_000);

  test('a command that does not exist ends it at once; a wrong duration starts nothing', async () => {
    expect((await soak(['1h'], ['no-such-command'])).code).toBe(127);
    expect((await soak(['soon'], ['true'])).code).toBe(2);
  });

  test('Ctrl-C prints the report so far', () => {
    const folder = tempFolder();
    const script = `node "${CARVOS}" exec --soak 1h -- sh -c 'echo round >> rounds; sleep 0.2' 2>report & pid=$!
      while [ "$(cat rounds 2>/dev/null | wc -l)" -lt 3 ]; do sleep 0.1; done
      kill -INT $pid; wait $pid; echo $?; cat report`;
    const { PATH = '', HOME = '' } = process.env;
    // A background job of sh ignores SIGINT, unless jobs are controlled.
    const said = execFileSync('bash', ['-mc', script], {
      cwd: folder,
      env: { PATH, HOME },
      encoding: 'utf8',
    });
    expect(said).toMatch(/^130\n/);
    expect(said).toMatch(/soak of .*: (?:[3-9]|[1-9]\d+) rounds, 0 failed/);
  });

  test('one Ctrl-C that comes twice, as npm passes it on, is one', async () => {
    const program = spawnProgram(
      'node',
      [CARVOS, 'exec', '--soak', '1h', '--', 'sh', '-c', 'echo ready; read -r _'],
      {
        cwd: tempFolder(),
        open: true,
      },
    );
    await program.waitForText('ready');
    // A signal that was sent but not taken yet would swallow the other of its kind.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) program.kill(signal);
    program.stdin.end();
    // Whichever of them came first.
    expect([130, 143]).toContain((await program.ended).code);
    expect(program.stderr).toContain('carvos: soak of ');
    expect(program.stderr.match(/press Ctrl-C again to stop at once/g)).toHaveLength(1);
  });
});
