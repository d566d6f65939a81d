import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isAccepted, postBytes } from '../../client/post-bytes.ts';
import { environmentOf } from '../../contract/environment.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { findProxy } from '../../transport/proxy.ts';
import { encode, parseObject } from '../events/body.ts';
import { runCaptured } from '../exec/run-captured.ts';
import { childEnv } from '../exec/run-child.ts';
import { parseTarget } from '../input/target.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { formatDuration, readDuration } from '../text/duration.ts';
import { checkTarget } from './check-target.ts';
import {
  gotDelivery,
  refuseWhereUnwatched,
  type ScenarioContext,
  type StepRun,
  timeoutOf,
} from './context.ts';
import { expectDelivery, expectValue, NotMet } from './expect.ts';

/** Steps that look at what came of it: deliveries, answers, commands. */

/** How long `none` looks unless it says otherwise, wall milliseconds. */
const NONE_MS = 500;

export const expect: StepRun<'expect'> = async (context, step) => {
  const scope = { ats_id: context.ats.id };
  return gotDelivery(await expectDelivery(context.client, scope, step.expect, timeoutOf(context, step)));
};

export const none: StepRun<'none'> = async ({ client, ats, signal }, step) => {
  const { for: lasting, advance, ...wanted } = step.none;
  if (advance !== undefined) await client.clockMove({ advance: readDuration(advance)! }, signal);
  const ms = lasting === undefined ? (advance === undefined ? NONE_MS : 0) : readDuration(lasting)!;
  // One that is still in flight is one as well.
  const any = wanted.outcome === undefined && wanted.attempts === undefined ? { attempts: { gte: 0 } } : {};
  const where = JSON.stringify({ ...wanted, ...any });
  const { met, delivery } = await client.waitForDelivery({ ats_id: ats.id, where }, ms);
  if (met && delivery)
    throw new NotMet(`there is one: ${delivery.id}, ${delivery.event}`, [], delivery.reference_id);
  return { got: null, text: 'none', reference: null };
};

export const request: StepRun<'request'> = async (context, step) => {
  const [method = 'GET', target = ''] = step.request.split(' ');
  const url = readAddress(target, context.url);
  await checkTarget(context, url.href);
  const { receiverProxy } = context.gateway;
  const isGateway = url.origin === context.url.origin;
  const headers: Record<string, string> = {};
  if (isGateway) headers['X-API-Key'] = context.ats.api_key;
  if (step.body !== undefined && typeof step.body !== 'string') headers['Content-Type'] = 'application/json';
  Object.assign(headers, step.headers);
  checkHeaders(headers);
  const result = await postBytes({
    method: method as 'GET',
    url,
    headers,
    body: bytesOf(step.body),
    timeoutMs: timeoutOf(context, step),
    tls: isGateway ? context.client.tls : context.gateway.receiverTls,
    proxy: isGateway || !receiverProxy ? undefined : findProxy(receiverProxy, url)?.url,
    signal: context.signal,
  });
  if (!result.ok) {
    const exitCode = result.code === 'timeout' ? EXIT.timeout : EXIT.unreachable;
    throw new CliError(result.message, { where: maskUrl(url.href), next: result.hint, exitCode });
  }
  const text = result.body.toString('utf8');
  const got = { status: result.status, headers: result.headers, body: parseObject(result.body) ?? text };
  if (step.expect) expectValue('the answer', got, step.expect);
  else if (!isAccepted(result))
    throw new NotMet(`${maskUrl(url.href)} answered ${result.status}`, [text.slice(0, 500)]);
  return { got, text: `${result.status}`, reference: null };
};

/** Of the gateway where it is a path. @throws CliError (exit 2) for what is none. */
function readAddress(target: string, gateway: URL): URL {
  const isWhole = /^(?:\/|https?:)/i.test(target) && URL.canParse(target, gateway.href);
  return isWhole ? new URL(target, gateway) : parseTarget(target, 'request');
}

/** @throws CliError (exit 2) for what HTTP has no way to say, which only a variable may have brought. */
function checkHeaders(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new CliError(`request: ${(error as Error).message}`, {
        next: 'correct it in headers',
        cause: error,
      });
    }
  }
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  return typeof body === 'string' ? Buffer.from(body) : encode(body);
}

export const run: StepRun<'run'> = async (context, step) => {
  const { io, signal, gateway } = context;
  refuseWhereUnwatched(context, 'starts a command');
  const timeoutMs = timeoutOf(context, step);
  const ran = await runCaptured(step.run, {
    cwd: io.cwd,
    env: childEnv(io.env, environmentFor(context), gateway.caFile),
    timeoutMs,
    signal,
  });
  if (ran.isLate) {
    throw new CliError(`the command did not end within ${formatDuration(timeoutMs)}`, {
      next: 'give the step a longer timeout',
      exitCode: EXIT.timeout,
    });
  }
  const { exit, stdout, stderr } = ran;
  const got = { exit, stdout, stderr };
  try {
    if (step.expect) expectValue('the command', got, step.expect);
    else if (exit !== 0)
      throw new NotMet(`the command ended with ${exit}`, [...lastLines(stdout), ...lastLines(stderr)]);
  } catch (error) {
    // What the command printed goes into reports, which others get to read.
    throw error instanceof NotMet ? new NotMet(error.message, hideSecrets(context, error.lines)) : error;
  }
  return { got, text: `ended with ${exit}`, reference: null };
};

/** Of a test runner the reason stands on standard output, of others on standard error. */
function lastLines(text: string): string[] {
  const whole = text.trimEnd();
  return whole === '' ? [] : whole.split('\n').slice(-10);
}

/** Shortest secret that is hidden; a shorter one would be found in every text. */
const SHORTEST_HIDDEN = 4;

function hideSecrets({ ats, gateway }: ScenarioContext, lines: readonly string[]): string[] {
  const secrets = [ats.api_key, ats.incoming_secret, ats.outgoing_secret, gateway.token].filter(
    ({ length }) => length >= SHORTEST_HIDDEN,
  );
  return lines.map((line) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), line));
}

/** As `exec` has it, of the scenario's own ATS. */
function environmentFor({ ats, url, gateway }: ScenarioContext) {
  const { id, api_key: apiKey, incoming_secret: incomingSecret, outgoing_secret: outgoingSecret } = ats;
  const identity = { id, apiKey, incomingSecret, outgoingSecret };
  return environmentOf({ url: url.origin, controlToken: gateway.token }, identity);
}
