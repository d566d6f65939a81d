import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { encodeSegment } from '../../client/encode-segment.ts';
import { postBytes } from '../../client/signed-post.ts';
import type { IncomingEventName, OutgoingEventName } from '../../contract/event-names.ts';
import { parsePath } from '../../contract/json-path.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { incomingSample, outgoingSample } from '../../contract/samples.ts';
import type { StepKind, StepOf } from '../../contract/scenario.ts';
import { isLocalTarget } from '../connect/guard-target.ts';
import { writeSnapshot } from '../connect/write-snapshot.ts';
import { encode, parseObject, prepareBody } from '../events/body.ts';
import { below, isAccepted, sendEvent } from '../send/sender.ts';
import { parseSendFault } from '../send/sign-request.ts';
import { readCv } from '../send/upload-cv.ts';
import { CliError } from '../terminal/errors.ts';
import { readDuration } from '../text/duration.ts';
import { describeAnswer } from '../text/http.ts';
import type { ScenarioContext, StepResult } from './context.ts';
import { expectDelivery, expectValue, NotMet } from './expect.ts';

type Run<K extends StepKind> = (context: ScenarioContext, step: StepOf<K>) => Promise<StepResult>;

/** How long `none` looks unless it says otherwise, wall milliseconds. */
const NONE_MS = 500;

/** What each step does: the same calls as the command of its name. */
export const RUN: { [K in StepKind]: Run<K> } = {
  async send(context, step) {
    const { ats, io } = context;
    const body = await prepareBody(
      { ...io, cwd: context.folder },
      {
        direction: 'incoming',
        source: step.send,
        sample: (event) => sample(context, event),
        changes: changesOf(step.set),
      },
    );
    const rest = step.via === 'rest';
    const sent = await sendEvent(
      {
        io,
        output: context.output,
        base: context.url,
        webhookUrl: below(context.url, `/v1/webhooks/${encodeSegment(ats.id)}`),
        via: step.via ?? 'webhook',
        secret: ats.incoming_secret,
        apiKey: rest || step.cv !== undefined ? ats.api_key : null,
        fault: step.misbehave === undefined ? undefined : parseSendFault(step.misbehave),
        cv: step.cv === undefined ? null : await readCv({ ...io, cwd: context.folder }, step.cv),
        timeoutMs: timeoutOf(context, step),
        tls: context.client.tls,
        wait: null,
        stop: context.signal,
        giveUp: context.signal,
      },
      body,
    );
    const { result, referenceId: reference } = sent;
    if (!result.ok) throw new CliError(result.message, { next: result.hint, exitCode: 5 });
    const asExpected = step.status === undefined ? isAccepted(result) : result.status === step.status;
    if (!asExpected) {
      const wanted = step.status ?? '2xx';
      throw new NotMet(`the gateway answered ${result.status}, not ${wanted}`, describeAnswer(result.body));
    }
    const text = `${result.status} ${step.send}`;
    if (step.expect === undefined) return { got: parseObject(result.body), text, reference };
    if (reference === null) throw new NotMet('nothing was accepted, so no delivery follows');
    const scope = { ats_id: ats.id, reference_id: reference };
    const delivery = await expectDelivery(context.client, scope, step.expect, timeoutOf(context, step));
    return { got: { ...delivery, delivery_id: delivery.id }, text: `${text}, ${delivery.id}`, reference };
  },

  async trigger(context, step) {
    const body = await prepareBody(
      { ...context.io, cwd: context.folder },
      {
        direction: 'outgoing',
        source: step.trigger,
        sample: (event) => ({
          ...outgoingSample(event as OutgoingEventName),
          client_id: context.ats.client_id,
          event_id: `evt-${randomUUID()}`,
          reference_id: randomUUID(),
        }),
        changes: changesOf(step.set),
      },
    );
    const { delivery, attempt } = await context.client.sendTestEvent(context.ats.id, body.bytes);
    const got = { ...delivery, delivery_id: delivery.id, status: attempt?.response_status ?? null };
    if (step.expect) expectValue('the answer', got, step.expect);
    else if (attempt?.outcome !== 'success')
      throw new NotMet(
        `the receiver answered ${got.status ?? attempt?.error?.code ?? 'nothing'}`,
        [],
        delivery.reference_id,
      );
    return { got, text: `${got.status} ${step.trigger}`, reference: delivery.reference_id };
  },

  async meeting(context, step) {
    const { id: ats_id, client_id } = context.ats;
    const meeting = await context.client.recordMeeting({ ats_id, client_id, ...step.meeting });
    const scope = { ats_id };
    const delivery =
      step.expect && (await expectDelivery(context.client, scope, step.expect, timeoutOf(context, step)));
    return {
      got: delivery ? { ...delivery, delivery_id: delivery.id } : meeting,
      text: meeting.meeting_id,
      reference: meeting.events[0]?.reference_id ?? null,
    };
  },

  async replay(context, step) {
    if (step.to !== undefined) await checkTarget(context, step.to);
    const made = await context.client.replay(step.replay, step.to === undefined ? {} : { to: step.to });
    const scope = {
      ats_id: context.ats.id,
      ...(made.reference_id === null ? {} : { reference_id: made.reference_id }),
    };
    const got = { ...made, delivery_id: made.id, outcome: made.last_outcome };
    if (step.expect) expectValue('the replay', got, step.expect);
    return { got, text: made.id, reference: scope.reference_id ?? null };
  },

  async fault(context, step) {
    const made = await context.client.addFault({
      ...(step.fault as object),
      ats_id: context.ats.id,
    } as never);
    return { got: made, text: `${made.kind} as ${made.id}`, reference: null };
  },

  async clear(context, step) {
    const { items } = await context.client.faults();
    const own = items.filter(
      ({ ats_id, id }) => ats_id === context.ats.id && (step.clear === true || step.clear === id),
    );
    if (typeof step.clear === 'string' && own.length === 0)
      throw new NotMet(`this scenario has no fault ${step.clear}`);
    for (const { id } of own) await context.client.clearFaults(id);
    return { got: { cleared: own.map(({ id }) => id) }, text: `${own.length} cleared`, reference: null };
  },

  async clock(context, { clock }) {
    const command =
      typeof clock === 'string'
        ? clock
        : 'advance' in clock
          ? { advance: readDuration(clock.advance)! }
          : clock;
    const moved = await context.client.clockMove(command, context.signal);
    const count = moved.fired.length + moved.unlisted;
    return { got: moved, text: `${count} ${count === 1 ? 'attempt' : 'attempts'} made`, reference: null };
  },

  async rerun(context, step) {
    const before = await context.client.jobs();
    const known = before.items.find(({ id, reference_id }) =>
      [id, reference_id].includes(step.rerun),
    )?.reference_id;
    const made =
      known === undefined
        ? []
        : (await context.client.trace(known)).deliveries.map(({ event_id }) => event_id);
    const job = await context.client.rerunJob(step.rerun);
    const reference = job.reference_id;
    if (step.expect === undefined) return { got: job, text: job.id, reference };
    const scope = { ats_id: context.ats.id, reference_id: reference };
    // What an earlier run led to is no result of this one.
    const fresh = { event_id: { not: { oneOf: made } }, ...step.expect };
    const delivery = await expectDelivery(context.client, scope, fresh, timeoutOf(context, step));
    return { got: { ...delivery, delivery_id: delivery.id }, text: delivery.id, reference };
  },

  async expect(context, step) {
    const delivery = await expectDelivery(
      context.client,
      { ats_id: context.ats.id },
      step.expect,
      timeoutOf(context, step),
    );
    return {
      got: { ...delivery, delivery_id: delivery.id },
      text: delivery.id,
      reference: delivery.reference_id,
    };
  },

  async none(context, step) {
    if (step.advance !== undefined)
      await context.client.clockMove({ advance: readDuration(step.advance)! }, context.signal);
    const lasts =
      step.for === undefined ? (step.advance === undefined ? NONE_MS : 0) : readDuration(step.for)!;
    const outcome =
      step.none.outcome === undefined && step.none.attempts === undefined ? { attempts: { gte: 0 } } : {};
    const where = JSON.stringify({ ...step.none, ...outcome });
    const { met, delivery } = await context.client.waitForDelivery({ ats_id: context.ats.id, where }, lasts);
    if (met && delivery)
      throw new NotMet(`there is one: ${delivery.id}, ${delivery.event}`, [], delivery.reference_id);
    return { got: null, text: 'none', reference: null };
  },

  async request(context, step) {
    const [method = 'GET', target = ''] = step.request.split(' ');
    const url = URL.canParse(target) ? new URL(target) : new URL(target, context.url);
    await checkTarget(context, url.href);
    const headers: Record<string, string> = {};
    if (url.origin === context.url.origin) headers['X-API-Key'] = context.ats.api_key;
    if (step.body !== undefined && typeof step.body !== 'string')
      headers['Content-Type'] = 'application/json';
    const result = await postBytes({
      method: method as 'GET',
      url,
      headers: { ...headers, ...step.headers },
      body:
        step.body === undefined
          ? Buffer.alloc(0)
          : typeof step.body === 'string'
            ? Buffer.from(step.body)
            : encode(step.body),
      timeoutMs: timeoutOf(context, step),
      signal: context.signal,
    });
    if (!result.ok) throw new CliError(result.message, { where: url.href, next: result.hint, exitCode: 5 });
    const text = result.body.toString('utf8');
    const got = { status: result.status, headers: result.headers, body: parseObject(result.body) ?? text };
    if (step.expect) expectValue('the answer', got, step.expect);
    else if (result.status < 200 || result.status > 299)
      throw new NotMet(`${url.href} answered ${result.status}`, [text.slice(0, 500)]);
    return { got, text: `${result.status}`, reference: null };
  },

  async run(context, step) {
    if (context.localOnly)
      throw new CliError('a step that starts a command is refused here', {
        next: 'run the scenario with carvos run',
      });
    const child = spawn(step.run, {
      shell: true,
      cwd: context.folder,
      env: { ...context.io.env, ...environmentOf(context) },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: context.signal,
      timeout: timeoutOf(context, step),
    });
    const [stdout, stderr, exit] = await Promise.all([
      readText(child.stdout),
      readText(child.stderr),
      new Promise<number>((done, fail) => child.on('error', fail).on('close', (code) => done(code ?? 128))),
    ]);
    const got = { exit, stdout, stderr };
    if (step.expect) expectValue('the command', got, step.expect);
    else if (exit !== 0)
      throw new NotMet(`the command ended with ${exit}`, stderr.trimEnd().split('\n').slice(-10));
    return { got, text: `ended with ${exit}`, reference: null };
  },

  async rotate(context, step) {
    const { value, ...rest } = await context.client.rotate(context.ats.id, { credential: step.rotate });
    const name = (
      {
        'api-key': 'api_key',
        'incoming-secret': 'incoming_secret',
        'outgoing-secret': 'outgoing_secret',
      } as const
    )[step.rotate];
    context.ats[name] = value;
    return { got: { ...rest, value }, text: rest.fingerprint, reference: null };
  },

  async snapshot(context, step) {
    await writeSnapshot(context.client, resolve(context.folder, step.snapshot), { secrets: false });
    return { got: { file: step.snapshot }, text: step.snapshot, reference: null };
  },
};

/** @throws CliError (exit 2) for a target elsewhere, where that is not wanted. */
async function checkTarget({ localOnly }: ScenarioContext, target: string): Promise<void> {
  if (!localOnly || !URL.canParse(target) || (await isLocalTarget(new URL(target)))) return;
  throw new CliError('a target that is neither loopback nor a private address is refused here', {
    where: maskUrl(target),
    next: 'run the scenario with carvos run',
  });
}

/** What a command of a step needs to reach the gateway, as `exec` sets it. */
export function environmentOf({
  ats,
  url,
  token,
}: Pick<ScenarioContext, 'ats' | 'url' | 'token'>): Record<string, string> {
  return {
    CARVOS_URL: url.origin,
    CARVOS_ATS_ID: ats.id,
    CARVOS_API_KEY: ats.api_key,
    CARVOS_INCOMING_SECRET: ats.incoming_secret,
    CARVOS_OUTGOING_SECRET: ats.outgoing_secret,
    CARVOS_CONTROL_URL: `${url.origin}/_carvos/v1`,
    CARVOS_CONTROL_TOKEN: token,
  };
}

function sample({ ats }: ScenarioContext, event: string): Record<string, unknown> {
  const body: Record<string, unknown> = {
    ...incomingSample(event as IncomingEventName),
    event_id: `evt-${randomUUID()}`,
  };
  if (event === 'workspace.created')
    return { ...body, client_id: `${body.client_id}-${randomUUID().slice(0, 8)}` };
  return { ...body, client_id: ats.client_id, user_id: ats.user_id };
}

function changesOf(set: Record<string, unknown> | undefined) {
  return Object.entries(set ?? {}).map(([name, value]) => {
    const path = parsePath(name);
    if (path === null)
      throw new CliError(`set: ${name} is no path`, { next: 'write it like first_name or skills[0]' });
    return { path, value };
  });
}

function timeoutOf(context: ScenarioContext, { timeout }: { timeout?: string | undefined }): number {
  return timeout === undefined ? context.timeoutMs : readDuration(timeout)!;
}
