import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Trace, WaitResult } from '../../../src/contract/control.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { type RecordedRequest, startRecordingServer } from '../../support/receiver.ts';

const REFERENCE = '019bb2a4-6c03-7d1e-9a43-5b7e0f3c0003';
const TOKEN = 'control-token';

type State = 'pending' | 'delivered' | 'exhausted';

function delivery(
  state: State,
  attempt_count: number,
  data: Record<string, unknown> = { score: 87, tags: ['a'] },
) {
  const text = JSON.stringify({ event: 'candidate.created', status: 'success', error: null, data });
  const next = { step: attempt_count + 1, due_schedule_ms: 1, in_schedule_ms: 300_000, in_real_ms: 5000 };
  return {
    id: 'dlv_1',
    direction: 'outgoing' as const,
    ats_id: 'demo-ats',
    client_id: 'acme-corp',
    event: 'candidate.created',
    event_id: 'evt_1',
    reference_id: REFERENCE,
    state,
    attempt_count,
    next_attempt: state === 'pending' ? next : null,
    last_outcome: state === 'delivered' ? ('success' as const) : ('failure' as const),
    last_status: state === 'delivered' ? 200 : 500,
    last_error: null,
    test: false,
    replay_of: null,
    created_at: '2026-01-15T10:28:00Z',
    body: { text, encoding: 'utf8' as const, bytes: text.length, truncated: false },
    attempts: [],
  };
}

function waitResult(done: boolean, met: boolean, deliveries: ReturnType<typeof delivery>[]): WaitResult {
  const trace: Trace = {
    version: 2,
    reference_id: REFERENCE,
    accepted: null,
    job: {
      id: 'job_1',
      state: 'done',
      created_at: 'x',
      started_at: 'x',
      finished_at: 'x',
      error: null,
      run: 1,
      attempts: [],
    },
    deliveries,
    settled: done,
  };
  // The double must speak what the contract says.
  return WaitResult.parse({ done, met, trace });
}

const CLOCK = { version: 2, mode: 'max', speed: null, schedule_ms: 0, pending: 0, next: null };

/** A gateway and its control API, which answers every wait with `result`. */
async function send(result: WaitResult, args: string[]) {
  const waits: RecordedRequest[] = [];
  const gateway = await startRecordingServer((request) => {
    if (request.path.startsWith('/v1/webhooks/')) return { status: 202, body: { reference_id: REFERENCE } };
    // It has no live feed: what was waited for is then told at the end.
    if (/^\/_carvos\/v1\/(?:feed|status)/.test(request.path)) return { status: 404, body: { detail: 'no' } };
    if (request.path === '/_carvos/v1/clock') return { status: 200, body: CLOCK };
    waits.push(request);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { detail: 'no' } };
    return { status: 200, body: { version: 2, ...result } };
  });
  const folder = tempFolder();
  mkdirSync(join(folder, '.carvos'));
  const running = { url: gateway.url, token: TOKEN, pid: process.pid, started_at: '2026-01-15T10:28:00Z' };
  writeFileSync(join(folder, '.carvos/emulator.json'), JSON.stringify(running));
  const ran = await runCli(['send', 'candidate.created', ...args], { cwd: folder });
  return { ...ran, waits };
}

describe('carvos send --wait', () => {
  it('finds the running gateway and ends with 0 once everything is delivered', async () => {
    const { code, stdout, waits } = await send(waitResult(true, true, [delivery('delivered', 1)]), [
      '--wait',
      '--json',
    ]);
    expect(code).toBe(0);
    expect(waits[0]!.path).toContain(`/_carvos/v1/references/${REFERENCE}/wait?until=settled`);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      version: 2,
      reference_id: REFERENCE,
      wait: { until: 'settled', done: true, met: true },
      deliveries: [{ id: 'dlv_1', state: 'delivered', attempt_count: 1 }],
    });
  });

  it('ends with 1 when a delivery is exhausted', async () => {
    const { code, stdout } = await send(waitResult(true, true, [delivery('exhausted', 5)]), ['--wait']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /exhausted {2}candidate\.created {2}outgoing \(CarvOS → ATS\) {2}dlv_1 {2}5 attempts/,
    );
  });

  it('ends with 1 where nothing followed or the job failed, unless it only is to be over', async () => {
    const failed = waitResult(true, true, [delivery('delivered', 1)]);
    failed.trace.job = { ...failed.trace.job!, state: 'failed', error: { code: 'c', message: 'it broke' } };
    for (const [result, said] of [
      [waitResult(true, true, []), 'no outgoing event followed'],
      [failed, 'job failed  it broke'],
    ] as const) {
      const { code, stdout } = await send(result, ['--wait']);
      expect([code, stdout]).toEqual([1, expect.stringContaining(said)]);
      expect((await send(result, ['--until', 'settled'])).code).toBe(0);
    }
  });

  it('ends with 1 when the state asked for can no longer come', async () => {
    const result = waitResult(true, false, [delivery('exhausted', 5)]);
    const { code, waits } = await send(result, ['--until', 'success']);
    expect(code).toBe(1);
    expect(waits[0]!.path).toContain('until=success');
  });

  it('ends with 6 and says what is due when, if it gives up', async () => {
    const { code, stderr } = await send(waitResult(false, false, [delivery('pending', 2)]), [
      '--wait',
      '--timeout',
      '2s',
    ]);
    expect(code).toBe(6);
    expect(stderr).toContain('dlv_1 is pending: attempt 3 is due in 5s (5m of production time)');
  });

  it.each([
    [['event=candidate.created', 'status=success', 'attempts=1', 'outcome=success'], 0],
    [['data.score=87', 'data.tags[0]=a', 'data.tags=["a"]'], 0],
    [['data.score=88'], 1],
    [['data.toString=x'], 1],
    [['event=candidate.created', 'attempts=2'], 1],
  ])('judges --expect %j', async (expectations, code) => {
    const flags = expectations.flatMap((text) => ['--expect', text]);
    expect((await send(waitResult(true, true, [delivery('delivered', 1)]), flags)).code).toBe(code);
  });

  it('wants all expectations on one delivery, and shows the closest', async () => {
    const both = [
      { ...delivery('delivered', 1), id: 'dlv_a', event: 'vacancy.created' },
      { ...delivery('delivered', 2), id: 'dlv_b' },
    ];
    const flags = [
      '--expect',
      'event=candidate.created',
      '--expect',
      'outcome=delivered',
      '--expect',
      'attempts=1',
    ];
    const { code, stdout } = await send(waitResult(true, true, both), flags);
    expect(code).toBe(1);
    expect(stdout).toContain('closest');
    // Both have two of three; the first of the closest is shown, with what it has instead.
    expect(stdout).toContain('not  event=candidate.created  (it is "vacancy.created")');
  });

  it('accepts exhaustion where it was expected', async () => {
    const { code } = await send(waitResult(true, true, [delivery('exhausted', 5)]), [
      '--expect',
      'outcome=exhausted',
    ]);
    expect(code).toBe(0);
  });

  it('sends nothing when there is no emulator to wait with', async () => {
    const gateway = await startRecordingServer(() => ({ status: 202 }));
    const { code, stderr } = await runCli(
      ['send', 'candidate.created', '--wait', '--url', String(gateway.port)],
      { cwd: tempFolder() },
    );
    expect(code).toBe(2);
    expect(stderr).toContain('running gateway');
    expect(gateway.requests).toHaveLength(0);
  });
});
