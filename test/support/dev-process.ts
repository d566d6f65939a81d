import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Program, startCarvos, startWarmCarvos } from './program.ts';
import { signLikeTheGuides } from './sign.ts';

export interface DevProcess {
  url: string;
  token: string;
  program: Program;
}

/**
 * Starts the built `carvos dev` in a folder, on a free port, and waits until it accepts requests. Its process may have
 * been a gateway before, in another folder, that ended as asked.
 */
export function startDev(cwd: string, args: string[], env: Record<string, string> = {}): Promise<DevProcess> {
  return waitUntilReady(cwd, startWarmCarvos(['dev', '--port', '0', ...args], { cwd, env }));
}

/** The same in a process of its own: for tests of how one starts and ends, of what a kill leaves, and of memory. */
export function startDevAlone(
  cwd: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<DevProcess> {
  return waitUntilReady(cwd, startCarvos(['dev', '--port', '0', ...args], { cwd, env }));
}

async function waitUntilReady(cwd: string, program: Program): Promise<DevProcess> {
  await program.waitForText(/http:\/\/127\.0\.0\.1:\d+/);
  // The file of a dev that was killed may still lie there: only the one with our pid counts.
  const file = join(cwd, '.carvos', 'emulator.json');
  const state = await program.waitUntil(() => readState(file, program.pid), '.carvos/emulator.json');
  await expect.poll(async () => (await fetch(`${state.url}/readyz`)).status).toBe(200);
  return { ...state, program };
}

/** Signs a body as an ATS does, with node:crypto alone, and posts it. */
export function postWebhook(
  dev: { url: string },
  body: string,
  secret = 'demo-incoming-secret',
  atsId = 'demo-ats',
): Promise<Response> {
  return fetch(`${dev.url}/v1/webhooks/${atsId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-webhook-signature': signLikeTheGuides(body, secret) },
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

function readState(file: string, pid: number): { url: string; token: string } | null {
  if (!existsSync(file)) return null;
  try {
    const state = JSON.parse(readFileSync(file, 'utf8'));
    return state.pid === pid ? { url: state.url, token: state.token } : null;
  } catch {
    return null; // caught while it is being written
  }
}
