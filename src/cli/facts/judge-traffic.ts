import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { TEST_HEADER } from '../../contract/outgoing-headers.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { type Exchange, headerValues } from '../recordings/exchange.ts';
import { asFields, type Fields, stringField } from '../recordings/fields.ts';
import { matchCall } from './calls.ts';
import type { Findings, Place } from './findings.ts';
import { collectSaid, type History, hashOf, readBody, USUAL_HEADER } from './history.ts';
import { judgeAnswer } from './judge-answer.ts';
import { judgeEvent, judgeEventHeader } from './judge-event.ts';
import { createScores } from './judge-score.ts';
import { shapeOf } from './shape.ts';

const OUTGOING: ReadonlySet<string> = new Set(OUTGOING_EVENTS);

/** Judges recorded requests, of both directions. */
export function judgeTraffic(findings: Findings, file: string, exchanges: readonly Exchange[]): void {
  const history: History = { sent: new Map(), ownFields: new Map(), attempts: new Map() };
  const scores = createScores(findings);
  for (const exchange of exchanges) {
    const place = { file, at: exchange.place };
    const body = readBody(exchange.body);
    collectSaid(findings.said, exchange, body);
    if (isOutgoing(exchange, body)) judgeOutgoing(findings, exchange, body!, place, history, scores);
    else {
      const call = matchCall(exchange.method.toUpperCase(), exchange.url);
      if (call !== null) judgeAnswer(findings, { call, exchange, body, place, history });
    }
  }
  scores.conclude();
}

function isOutgoing({ method }: Exchange, body: Fields | null): boolean {
  if (body === null || method.toUpperCase() !== 'POST') return false;
  return OUTGOING.has(stringField(body, 'event') ?? '') && 'reference_id' in body && 'data' in body;
}

function judgeOutgoing(
  findings: Findings,
  { headers, body: bytes }: Exchange,
  body: Fields,
  place: Place,
  history: History,
  scores: ReturnType<typeof createScores>,
): void {
  const event = stringField(body, 'event')!;
  const naming = headers.find(([, value]) => value === event)?.[0];
  if (naming !== undefined) judgeEventHeader(findings, naming, place, `request.headers.${naming}`);
  for (const [name] of headers) {
    if (!USUAL_HEADER.test(name) && name !== naming)
      findings.notKnown({ kind: 'header', what: name.toLowerCase(), place });
  }
  const agent = headerValues(headers, 'User-Agent')[0];
  if (agent !== undefined) {
    const holds = /^carvos\//.test(agent);
    const seen = `User-Agent ${holds ? 'begins' : 'does not begin'} with carvos/`;
    findings.at(place)('outgoing-user-agent', holds, 'request.headers.User-Agent', seen);
  }
  const failed = body.error !== null && body.error !== undefined;
  const { data, ...envelope } = body;
  // Its data is a sample, which anybody may have edited.
  const isTest = headerValues(headers, TEST_HEADER).length > 0;
  const shape = shapeOf(failed || isTest ? envelope : body);
  const isOwn = (kind: string, name: string) => history.ownFields.get(kind)?.has(name) ?? false;
  judgeEvent(findings, event, shape, place, 'request.body', isOwn);
  if (!failed && !isTest && event.startsWith('application.')) scores.add(asFields(data)?.score, place);
  if (failed && /_not_found$/.test(stringField(asFields(body.error), 'code') ?? '')) {
    const note = findings.at(place);
    note('missing-reference-fails', true, 'request.body.error.code', 'what does not exist fails later');
  }
  judgeRepetition(findings, headers, bytes!, stringField(body, 'event_id') ?? '', place, history);
}

function judgeRepetition(
  findings: Findings,
  headers: Exchange['headers'],
  bytes: Buffer,
  eventId: string,
  place: Place,
  { attempts }: History,
): void {
  const t = /t=([0-9]+)/.exec(headerValues(headers, SIGNATURE_HEADER)[0] ?? '')?.[1] ?? null;
  const hash = hashOf(bytes);
  const before = attempts.get(eventId);
  attempts.set(eventId, { hash, t });
  if (before === undefined || before.t === null || t === null) return;
  const same = before.hash === hash;
  // Two attempts within a second look the same either way.
  if (same && before.t === t) return;
  const [field, seen] = same
    ? [`request.headers.${SIGNATURE_HEADER}`, 'a retry has the same bytes and a t of its own']
    : ['request.body', 'a retry has other bytes'];
  findings.at(place)('retry-signed-anew', same, field, seen);
}
