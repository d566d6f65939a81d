import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Program, runProgram, spawnProgram } from './spawn-program.ts';

export const CARVOS = fileURLToPath(new URL('../../bin/carvos.cjs', import.meta.url));

// A developer's own settings must not decide what a test sees.
const CLEAN_ENV = Object.fromEntries(
  [...Object.keys(process.env).filter((name) => name.startsWith('CARVOS_')), 'FORCE_COLOR'].map((name) => [
    name,
    undefined,
  ]),
);

export interface DevProcess {
  url: string;
  token: string;
  program: Program;
}

/** An empty folder that is gone when the test has ended. */
export function makeTempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carvos-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts the built `carvos dev` in a folder, on a free port, and waits until it accepts requests. */
export async function startDev(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<DevProcess> {
  if (!existsSync(CARVOS)) throw new Error('bin/carvos.cjs is missing: run npm run build first');
  const program = spawnProgram(process.execPath, [CARVOS, 'dev', '--port', '0', ...args], {
    cwd,
    env: { ...CLEAN_ENV, ...env },
  });
  await program.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
  // The file of a dev that was killed may still lie there: only the one with our pid counts.
  const file = join(cwd, '.carvos', 'emulator.json');
  const state = await program.waitUntil(() => readState(file, program.pid), '.carvos/emulator.json');
  await waitUntilReady(state.url);
  return { ...state, program };
}

/** Runs another carvos command in the same folder and returns its exit code and output. */
export function runCarvos(
  cwd: string,
  args: string[],
  input?: string | Uint8Array,
  env: Record<string, string> = {},
) {
  return runProgram(process.execPath, [CARVOS, ...args], { cwd, env: { ...CLEAN_ENV, ...env }, input });
}

/** Signs a body as an ATS does, with node:crypto alone, and posts it. */
export function postWebhook(
  dev: { url: string },
  body: string,
  secret = 'demo-incoming-secret',
  atsId = 'demo-ats',
): Promise<Response> {
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`, 'utf8').digest('hex');
  return fetch(`${dev.url}/v1/webhooks/${atsId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-signature': `t=${t},v1=${v1}` },
    body,
  });
}

/** A candidate of the demo workspace, as compact JSON. */
export function candidateCreated(id: string, rest: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event: 'candidate.created',
    event_id: `evt-${id}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: id,
    first_name: 'Sanne',
    last_name: 'de Wit',
    email: `${id}@example.com`,
    ...rest,
  });
}

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { status } = await fetch(`${url}/readyz`);
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`/readyz still answers ${status} after 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function readState(file: string, pid: number): { url: string; token: string } | null {
  if (!existsSync(file)) return null;
  try {
    const state = JSON.parse(readFileSync(file, 'utf8'));
    return state.pid === pid ? { url: state.url, token: state.token } : null;
  } catch {
    return null; // caught while it is being written
  }
}
