import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { signLikeTheGuides } from '../sign.ts';

/** `carvos dev` in a process of its own, without anything of a test runner. */
export interface GatewayProcess {
  child: ChildProcess;
  /** Everything it wrote to standard error. */
  errors(): string;
  /** Address and token once it accepts; `null` when it ended before. */
  ready: Promise<{ url: string; token: string } | null>;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
}

export function spawnGateway(bin: string, cwd: string, args: string[]): GatewayProcess {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [bin, 'dev', '--port', '0', ...args], {
    cwd,
    env: { PATH, HOME },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let gone = false;
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('exit', (code, signal) => {
      gone = true;
      resolve(code ?? signal!);
    }),
  );
  const waitReady = async () => {
    while (!gone) {
      const state = readState(join(cwd, '.carvos', 'emulator.json'), child.pid!);
      if (state) return state;
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    return null;
  };
  return { child, errors: () => errors, ready: waitReady(), ended };
}

function readState(path: string, pid: number): { url: string; token: string } | null {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8'));
    return state.pid === pid ? { url: state.url, token: state.token } : null;
  } catch {
    return null;
  }
}

/** Signs as an ATS does and posts; the reference of the 202, `null` when no whole answer came. */
export function sendEvent(url: string, agent: Agent, number: number): Promise<string | null> {
  const body = JSON.stringify({
    event: 'candidate.created',
    event_id: `evt-${number}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: `cand-${number}`,
    first_name: 'Sanne',
    last_name: 'de Wit',
    email: `cand-${number}@example.com`,
  });
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/v1/webhooks/demo-ats`, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'x-webhook-signature': signLikeTheGuides(body, 'demo-incoming-secret'),
      },
    });
    sent.on('error', () => resolve(null));
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => resolve(null));
      response.on('end', () => {
        if (response.statusCode !== 202) reject(new Error(`${response.statusCode} ${text}`));
        else resolve(JSON.parse(text).reference_id);
      });
    });
    sent.end(body);
  });
}
