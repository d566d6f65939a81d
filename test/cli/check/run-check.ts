import type { RequestListener, ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { CheckReport } from '../../../src/contract/check.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';
import { type Heard, serveHttp, serve as serveWhole } from '../../support/receiver.ts';

export const SECRET = 'demo-outgoing-secret';

export async function check(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}) {
  const cwd = options.cwd ?? tempFolder();
  const result = await runCli(['check', '--timeout', '60s', ...args], { cwd, env: options.env });
  return { ...result, cwd };
}

export async function checkJson(args: string[]) {
  const result = await check([...args, '--json']);
  expect(result.stdout.trimEnd().split('\n')).toHaveLength(1);
  const report = CheckReport.parse(JSON.parse(result.stdout));
  const outcome = (id: string) => report.probes.find((probe) => probe.id === id)?.outcome;
  const details = (id: string) => report.probes.find((probe) => probe.id === id)?.details.join('\n');
  return { ...result, report, outcome, details };
}

/** A receiver of the test's own that answers when the request is whole. */
export async function hear(answer: (heard: Heard, response: ServerResponse) => unknown) {
  const { url } = await serveWhole(answer);
  return { url: `${url}/hook` };
}

/** One that may answer before that. */
export async function serve(listener: RequestListener) {
  const { url, close } = await serveHttp(listener);
  return { url: `${url}/hook`, die: () => void close() };
}
