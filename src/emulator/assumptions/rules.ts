import { isLosslessNumber } from 'lossless-json';
import type { AssumptionId } from '../../contract/assumptions.ts';
import { UNREAD_FIELDS } from '../../contract/entities.ts';
import type { GatewayError, GatewayErrorCode } from '../../contract/errors.ts';
import { ASSUMED_REFUSALS } from '../../contract/facts/facts.ts';
import { type EnvelopedEvent, INCOMING_SCHEMAS } from '../../contract/incoming.ts';
import { LOGGED_BODY_CAP } from '../../contract/limits.ts';
import type { Problem } from '../../contract/problems.ts';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';

/** Which assumptions a request, an outgoing event or an attempt relies on. Pure, and cheap: every one asks. */

const PLAIN_SIGNATURE = /^t=\d+,v1=[0-9a-f]{64}$/;
/** What every mail server takes; anything else is where checks differ. */
const PLAIN_EMAIL = /^[\w.%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
/** Identifiers up to here surprise nobody. */
const USUAL_ID_LENGTH = 64;

const KNOWN = new Map(
  Object.entries(INCOMING_SCHEMAS).map(([event, schema]) => {
    const [kind, action] = event.split('.') as [string, string];
    return [event, { kind, action, fields: new Set(Object.keys(schema.shape)) }];
  }),
);

export interface AcceptedRequest {
  event: EnvelopedEvent;
  via: 'webhook' | 'rest' | 'in-process';
  duplicate: boolean;
  /** Whether the caller named what makes it idempotent. */
  hasIdentity: boolean;
  signature: string | null;
  contentType: string | undefined;
  /** Accepted although it will fail. */
  failsLater: boolean;
  /** Whether the workspace has this user. */
  isMember: boolean;
}

export function assumedByAccepted(request: AcceptedRequest): AssumptionId[] {
  const { event, via } = request;
  const found: AssumptionId[] = [];
  if (via === 'rest' && request.hasIdentity) found.push('idempotency-key');
  if (request.duplicate) {
    if (via !== 'rest') found.push('idempotent-event-id');
    return found;
  }
  if (via === 'webhook' && !PLAIN_SIGNATURE.test(request.signature ?? ''))
    found.push('signature-header-leniency');
  if (!isJsonType(request.contentType)) found.push('json-strictness');
  if (request.failsLater) found.push('unprovisioned-workspace');
  const { kind, action } = KNOWN.get(event.event)!;
  if (kind === 'workspace') {
    if (action === 'created') {
      found.push('workspace-admin-member-id');
      if (via === 'webhook') found.push('workspace-created-by-signature');
    } else if (via === 'webhook') found.push('workspace-member-added-incoming');
  } else {
    if (action !== 'created') found.push('rest-patch-delete');
    else if (kind !== 'candidate') found.push('rest-vacancy-application-fields');
  }
  if (event.event !== 'workspace.created' && event.user_id && !request.failsLater && !request.isMember)
    found.push('unknown-user-accepted');
  addFields(event, found);
  return found;
}

function addFields(
  { event, event_id, client_id, user_id, payload }: EnvelopedEvent,
  found: AssumptionId[],
): void {
  const fields: Record<string, unknown> = { event_id, client_id, user_id, ...payload };
  const { kind, fields: known } = KNOWN.get(event)!;
  const unread = UNREAD_FIELDS[kind];
  let extra = false;
  let unreadUsed = false;
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    if (unread?.includes(key)) unreadUsed = true;
    else if (!known.has(key)) {
      extra = true;
      if (holdsLongNumber(value)) found.push('numbers-kept');
    }
    if (typeof value !== 'string') continue;
    if (key.endsWith('_id') && value.length > USUAL_ID_LENGTH && known.has(key))
      found.push('identifier-form');
    if (key.endsWith('email') && !PLAIN_EMAIL.test(value)) found.push('email-check');
  }
  if (extra) found.push('extra-fields-kept');
  if (unreadUsed) found.push('entity-fields');
  if (fields.cv !== undefined && fields.cv !== null) found.push('cv-field');
}

function holdsLongNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isLosslessNumber(value) || Object.values(value).some(holdsLongNumber);
}

function isJsonType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);
}

const BY_CODE: Partial<Record<GatewayErrorCode, AssumptionId>> = {
  ...ASSUMED_REFUSALS,
  // Each read notes that itself.
  entity_not_found: undefined,
  storage_full: 'other-refusals',
  storage_unusable: 'other-refusals',
};

/**
 * @param reason why, for the developer; of a signature more exact than the answer.
 * @param asked whether somebody asked for this refusal.
 */
export function assumedByRefusal(
  { code, body }: Pick<GatewayError, 'code' | 'body'>,
  reason: string = code,
  asked = false,
): AssumptionId[] {
  if (asked) return ['gateway-overload-answers'];
  const found: AssumptionId[] = [];
  const first = BY_CODE[code];
  if (first) found.push(first);
  if (reason === 'stale' || reason === 'future') found.push('signature-incoming-tolerance');
  if (Array.isArray(body.detail)) {
    for (const problem of body.detail) {
      const id = assumedByProblem(problem);
      if (id && !found.includes(id)) found.push(id);
    }
  }
  return found;
}

function assumedByProblem({ type, loc, msg }: Problem): AssumptionId | null {
  const field = String(loc.at(-1));
  if (field === 'file' && loc.length === 2) return 'upload-form-errors';
  if (loc[0] === 'header') return type === 'missing' ? 'missing-header-422' : 'identifier-form';
  if (type === 'json_invalid') return msg.includes('nested deeper') ? 'json-depth-limit' : 'json-strictness';
  if (type === 'missing') return loc.length === 1 ? 'json-strictness' : null;
  if (field === 'carv_file_id' && type === 'value_error' && msg.includes('file'))
    return 'upload-reference-errors';
  if (field.endsWith('_id') && /^(?:string_too|string_unicode|value_error)/.test(type))
    return 'identifier-form';
  if (field.endsWith('email') && type === 'value_error') return 'email-check';
  return null;
}

/** What an event says by its form, whether or not its receiver answers. */
export function assumedByOutgoing(event: string, error: { code: string } | null): AssumptionId[] {
  if (error) {
    const missing = /^(?:candidate|vacancy|application)_not_found$/.test(error.code);
    return missing ? ['failed-event-form', 'missing-reference-fails'] : ['failed-event-form'];
  }
  if (event === 'application.created') return ['application-score-fields'];
  if (event.endsWith('.deleted')) return ['deletion-data'];
  if (event.startsWith('workspace.')) return ['workspace-event-fields'];
  return [];
}

export interface MadeAttempt {
  event: string;
  url: string;
  /** Grows with every attempt. */
  number: number;
  isReplay: boolean;
  isTest: boolean;
  state: 'pending' | 'delivered' | 'exhausted';
  maxSteps: number;
  outcome: string;
  /** In lower case. */
  answerHeaders: Record<string, string>;
  /** Of the longer of both bodies. */
  bytes: number;
  /** Whether another attempt to the same receiver was in flight. */
  beside: boolean;
  /** Whether URL or secret changed since the attempt before; asked for retries only. */
  settingsChanged(): boolean;
}

export function assumedByAttempt(attempt: MadeAttempt): AssumptionId[] {
  const found: AssumptionId[] = ['event-type-header', 'outgoing-user-agent'];
  if (attempt.url.startsWith('http:')) found.push('http-delivery');
  if (attempt.event.startsWith('meeting.'))
    found.push('meeting-reference-id', 'meeting-data-keys', 'meeting-order');
  if (attempt.beside) found.push('delivery-concurrency');
  if (attempt.isTest) found.push('test-event-attempts');
  if (attempt.isReplay) found.push('retry-signed-anew');
  if (attempt.number > 1) {
    found.push('retry-delay-origin', 'retry-signed-anew');
    if (attempt.settingsChanged()) found.push('settings-at-attempt');
  }
  if (attempt.outcome !== 'success') {
    found.push('log-outcomes');
    if (attempt.answerHeaders['retry-after'] !== undefined) found.push('retry-after-ignored');
  }
  if (attempt.state === 'exhausted' && attempt.maxSteps === MAX_STEPS) found.push('exhausted-deliveries');
  if (attempt.bytes > LOGGED_BODY_CAP) found.push('log-caps-view-only');
  return found;
}
