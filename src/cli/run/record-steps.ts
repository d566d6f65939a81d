import { randomUUID } from 'node:crypto';
import type { ControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import type { IncomingEventName, OutgoingEventName } from '../../contract/event-names.ts';
import { DELAY_KINDS, type FaultKind } from '../../contract/faults.ts';
import { sameJson } from '../../contract/json-path.ts';
import { incomingSample, outgoingSample } from '../../contract/samples.ts';
import { dataOf, ID_FIELDS, incomingBody, parseFields } from './record-body.ts';
import type { RecordedNames } from './record-names.ts';

type Delivery = Trace['deliveries'][number];
type Fields = Record<string, unknown>;

export interface RecordedStep {
  step: Fields;
  /** What was so when it happened and is not done again. */
  remark: string | null;
}

/** @param save writes a body beside the scenario, and says how a step names it. */
export async function recordTrace(
  client: ControlClient,
  trace: Trace,
  names: RecordedNames,
  save: (name: string, body: unknown) => string,
): Promise<RecordedStep[]> {
  const { accepted, job, deliveries } = trace;
  const replays = deliveries.filter(({ replay_of }) => replay_of !== null);
  const [first, ...others] = deliveries.filter(({ replay_of }) => replay_of === null);
  const body = await incomingBody(client, trace);
  for (const noun of ID_FIELDS) names.add(noun, (body ?? dataOf(first))[`${noun}_id`]);
  if (accepted?.event === 'workspace.created') names.add('client', accepted.client_id);

  const steps: RecordedStep[] = [];
  const add = (step: Fields, remark: string | null = null) => void steps.push({ step, remark });
  const faults = faultsOf(job, first);
  for (const fault of faults.steps) add({ fault });
  const expected = first === undefined ? {} : { expect: expectationOf(first, names, body, trace) };
  const kept = replays.length > 0 && first !== undefined ? keep(first, names) : {};
  if (accepted !== null && body !== null) {
    const remarks = faults.remarks;
    if ('cv' in body) remarks.push('it had a CV: add cv: FILE');
    const { cv: _cv, ...sent } = body;
    const source = sourceOf(accepted, sent, names, save);
    const { client_id } = accepted;
    const set = {
      ...source.set,
      ...(client_id === names.sender.client_id ? {} : { client_id: names.refer(client_id) }),
    };
    const via = accepted.via === 'rest' ? { via: 'rest' } : {};
    add({ send: source.send, ...via, ...setOf(set), ...expected, ...kept }, remarks.join('; ') || null);
  } else if (first?.test) {
    const { event } = first;
    const sample = outgoingSample(event as OutgoingEventName).data as unknown as Fields;
    const set = Object.fromEntries(
      changes(dataOf(first), sample, names).map(([key, value]) => [`data.${key}`, value]),
    );
    add({ trigger: event, ...setOf(set) });
  } else if (first?.event?.startsWith('meeting.')) {
    const about = Object.fromEntries(
      ID_FIELDS.map((noun) => [`${noun}_id`, names.refer(dataOf(first)[`${noun}_id`])]).filter(
        ([, id]) => id != null,
      ),
    );
    add({ meeting: about, ...expected, ...kept });
  }
  for (const other of others) add({ expect: expectationOf(other, names, body, trace) });
  if (faults.steps.length > 0) add({ clear: true });
  for (const { replay_of, last_outcome } of replays) {
    const name = names.saved.get(replay_of!);
    const expect = last_outcome === 'success' ? { expect: { outcome: 'success' } } : {};
    if (name !== undefined) add({ replay: `\${${name}}`, ...expect });
  }
  return steps;
}

function setOf(set: Fields): Fields {
  return Object.keys(set).length > 0 ? { set } : {};
}

function keep(delivery: Delivery, names: RecordedNames): { save: Fields } {
  const name = names.fresh('delivery');
  names.saved.set(delivery.id, name);
  return { save: { [name]: 'delivery_id' } };
}

/** A sample with changes; a file where a field of the sample is to be missing. */
function sourceOf(
  { event, event_id }: NonNullable<Trace['accepted']>,
  sent: Fields,
  names: RecordedNames,
  save: (name: string, body: unknown) => string,
): { send: string; set: Fields } {
  const {
    event_id: _id,
    client_id: _client,
    user_id: _user,
    ...sample
  } = incomingSample(event as IncomingEventName) as Fields;
  const missing = Object.keys(sample).some((key) => !Object.hasOwn(sent, key));
  if (!missing) return { send: event, set: Object.fromEntries(changes(sent, sample, names)) };
  const body = { event_id: event_id ?? randomUUID(), ...names.sender, ...sent };
  return { send: save(event, body), set: Object.fromEntries(changes(sent, sent, names)) };
}

/** What differs from a sample, and what ids stand for. */
function changes(sent: Fields, sample: Fields, names: RecordedNames): [string, unknown][] {
  return Object.entries(sent)
    .map(([key, value]): [string, unknown] => [key, names.refer(value)])
    .filter(([key, value]) => !sameJson(value, sample[key]));
}

/** What has to come again: the result, whose ids they are, and what the AI found that was not sent. */
function expectationOf(
  delivery: Delivery,
  names: RecordedNames,
  sent: Fields | null,
  { job }: Trace,
): Fields {
  const { event, state, attempts, body } = delivery;
  const { status } = parseFields(body.text);
  const byFault = attempts
    .filter(({ outcome }) => outcome !== 'success')
    .every(({ fault }) => fault !== null);
  const stub = (job?.attempts ?? []).every(({ backend }) => backend === 'stub');
  const data = Object.entries(dataOf(delivery)).flatMap(([key, value]): [string, unknown][] => {
    if (names.has(value)) return [[`data.${key}`, names.refer(value)]];
    if (key.endsWith('_id') || (sent !== null && Object.hasOwn(sent, key))) return [];
    if (typeof value !== 'number' && typeof value !== 'boolean') return [];
    return [[`data.${key}`, stub ? value : { type: typeof value }]];
  });
  return {
    event,
    ...(typeof status === 'string' ? { status } : {}),
    ...(state !== 'pending' && (state === 'delivered' || byFault) ? { outcome: state } : {}),
    ...(state !== 'pending' && byFault ? { attempts: attempts.length } : {}),
    ...Object.fromEntries(data),
  };
}

/** Faults that struck, as steps that make them strike again; what failed by itself is only told. */
function faultsOf(job: Trace['job'], delivery: Delivery | undefined): { steps: Fields[]; remarks: string[] } {
  const steps: Fields[] = [];
  const remarks: string[] = [];
  for (const [kind, count] of countFaults(job?.attempts ?? [])) {
    if (isDelay(kind)) remarks.push(`the fault ${kind} struck the AI ${count} times`);
    else steps.push({ kind, on: 'ai', count });
  }
  const attempts = delivery?.attempts ?? [];
  const struck = countFaults(attempts);
  for (const [kind, count] of struck) {
    if (isDelay(kind)) remarks.push(`the fault ${kind} struck ${count} times`);
    else steps.push(struck.size === 1 ? { kind, first: count } : { kind, count });
  }
  const own = attempts.find(({ outcome, fault }) => outcome !== 'success' && fault === null);
  if (own)
    remarks.push(
      `an attempt failed: ${own.error?.message ?? `the receiver answered ${own.response_status}`}`,
    );
  return { steps, remarks };
}

function isDelay(kind: string): boolean {
  return DELAY_KINDS.includes(kind as FaultKind);
}

function countFaults(attempts: readonly { fault: string | null }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fault } of attempts) if (fault !== null) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return counts;
}
