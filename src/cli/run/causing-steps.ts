import { isAccepted } from '../../client/post-bytes.ts';
import { parsePath } from '../../contract/json-path.ts';
import { webhookPath } from '../../contract/paths.ts';
import { type EventBody, parseObject, prepareBody, textField } from '../events/body.ts';
import { freshIncoming, freshOutgoing } from '../events/samples.ts';
import type { Assignment } from '../events/set-path.ts';
import { below, type Sending, sendEvent } from '../send/sender.ts';
import { parseSendFault } from '../send/sign-request.ts';
import { readCv } from '../send/upload-cv.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { describeAnswer } from '../text/http.ts';
import { checkTarget } from './check-target.ts';
import { gotDelivery, type ScenarioContext, type StepResult, type StepRun, timeoutOf } from './context.ts';
import { expectDelivery, expectValue, NotMet } from './expect.ts';
import { explainRefused } from './explain-failure.ts';

/** Steps that make something happen, which outgoing events follow. */

export const send: StepRun<'send'> = async (context, step) => {
  const { ats, io, client } = context;
  const body = await prepareBody(io, {
    direction: 'incoming',
    source: step.send,
    sample: (event) => ({ ...freshIncoming(event, likeConfig(context)) }),
    changes: changesOf(step.set),
  });
  const sending: Sending = {
    io,
    output: context.output,
    base: context.url,
    webhookUrl: below(context.url, webhookPath(ats.id)),
    via: step.via ?? 'webhook',
    secret: ats.incoming_secret,
    apiKey: ats.api_key,
    fault: step.misbehave === undefined ? undefined : parseSendFault(step.misbehave),
    cv: step.cv === undefined ? null : await readCv(io, step.cv),
    timeoutMs: timeoutOf(context, step),
    tls: client.tls,
    wait: null,
    stop: context.signal,
    giveUp: context.signal,
  };
  const { result, referenceId: reference, exitCode } = await sendEvent(sending, body);
  if (!result.ok) throw new CliError(result.message, { next: result.hint, exitCode });
  const asExpected = step.status === undefined ? isAccepted(result) : result.status === step.status;
  if (!asExpected) {
    const wanted = step.status ?? '2xx';
    const refused = { atsId: ats.id, eventId: textField(body, 'event_id'), status: result.status };
    throw new NotMet(
      `the gateway answered ${result.status}, not ${wanted}`,
      describeAnswer(result),
      reference,
      isAccepted(result) ? [] : await explainRefused(client, refused),
      step.status === undefined ? EXIT.refused : EXIT.notMet,
    );
  }
  const text = `${result.status} ${step.send}`;
  if (step.expect === undefined) return { got: parseObject(result.body), text, reference };
  if (reference === null) throw new NotMet('nothing was accepted, so no delivery follows');
  const followed = await expectCaused(context, { ...step, expect: step.expect }, reference);
  return { ...followed, text: `${text}, ${followed.text}` };
};

export const trigger: StepRun<'trigger'> = async (context, step) => {
  const body: EventBody = await prepareBody(context.io, {
    direction: 'outgoing',
    source: step.trigger,
    sample: (event) => freshOutgoing(event, likeConfig(context)),
    changes: changesOf(step.set),
  });
  const { delivery, attempt } = await context.client.sendTestEvent(context.ats.id, body.bytes);
  const { reference_id: reference } = delivery;
  const got = { ...delivery, delivery_id: delivery.id, status: attempt?.response_status ?? null };
  if (step.expect) expectValue('the answer', got, step.expect, reference);
  else if (attempt?.outcome !== 'success')
    throw new NotMet(
      `the receiver answered ${got.status ?? attempt?.error?.code ?? 'nothing'}`,
      [],
      reference,
    );
  return { got, text: `${got.status} ${step.trigger}`, reference };
};

export const meeting: StepRun<'meeting'> = async (context, step) => {
  const { id: ats_id, client_id } = context.ats;
  const held = await context.client.recordMeeting({ ats_id, client_id, ...step.meeting });
  const text = held.meeting_id;
  if (step.expect === undefined) return { got: held, text, reference: held.events[0]?.reference_id ?? null };
  const causes = held.events.map(({ reference_id }) => reference_id);
  const timeoutMs = timeoutOf(context, step);
  const delivery = await expectDelivery(context.client, { ats_id }, step.expect, timeoutMs, causes);
  return { ...gotDelivery(delivery), text };
};

export const replay: StepRun<'replay'> = async (context, step) => {
  if (step.to !== undefined) await checkTarget(context, step.to);
  const made = await context.client.replay(step.replay, step.to === undefined ? {} : { to: step.to });
  const got = { ...made, delivery_id: made.id, outcome: made.last_outcome };
  if (step.expect) expectValue('the replay', got, step.expect, made.reference_id);
  return { got, text: made.id, reference: made.reference_id };
};

export const rerun: StepRun<'rerun'> = async (context, step) => {
  const { client } = context;
  const { items } = await client.jobs();
  const known = items.find(({ id, reference_id }) => [id, reference_id].includes(step.rerun))?.reference_id;
  const before = known === undefined ? [] : (await client.trace(known)).deliveries;
  const job = await client.rerunJob(step.rerun);
  const reference = job.reference_id;
  if (step.expect === undefined) return { got: job, text: job.id, reference };
  // What an earlier run led to is no result of this one.
  const fresh = { event_id: { not: { oneOf: before.map(({ event_id }) => event_id) } } };
  return await expectCaused(context, { ...step, expect: { ...fresh, ...step.expect } }, reference);
};

async function expectCaused(
  context: ScenarioContext,
  step: { expect: Record<string, unknown>; timeout?: string | undefined },
  reference_id: string,
): Promise<StepResult> {
  const scope = { ats_id: context.ats.id, reference_id };
  const timeoutMs = timeoutOf(context, step);
  return gotDelivery(await expectDelivery(context.client, scope, step.expect, timeoutMs, [reference_id]));
}

/** The ATS of the scenario as samples are made for one of the config file. */
function likeConfig({ ats }: ScenarioContext) {
  return { workspaces: [{ clientId: ats.client_id, members: [{ userId: ats.user_id }] }] };
}

function changesOf(set: Record<string, unknown> | undefined): Assignment[] {
  return Object.entries(set ?? {}).map(([name, value]) => {
    const path = parsePath(name);
    if (path === null)
      throw new CliError(`set: ${name} is no path`, { next: 'write it like first_name or skills[0]' });
    return { path, value };
  });
}
