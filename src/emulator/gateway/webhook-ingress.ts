import type { IncomingMessage, ServerResponse } from 'node:http';
import { Id } from '../../contract/entities.ts';
import { type GatewayErrorCode, gatewayError } from '../../contract/errors.ts';
import { envelop, parseIncomingEvent } from '../../contract/incoming.ts';
import { parseJson } from '../../contract/json.ts';
import { MAX_BODY_BYTES, MAX_JSON_DEPTH } from '../../contract/limits.ts';
import { WEBHOOK_PATH } from '../../contract/paths.ts';
import { type Problem, summarizeProblems } from '../../contract/problems.ts';
import { findMisnamedSignature } from '../../signing/misnamed-header.ts';
import { DEFAULT_TOLERANCE, verify } from '../../signing/verify.ts';
import { explainMismatch } from '../../transport/explain-mismatch.ts';
import { readBody } from '../../transport/read-body.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import { answerError } from '../http/answer.ts';
import { headerText } from '../http/header-text.ts';
import { answerIntake } from './answer-intake.ts';
import { describeForm, describeMisplaced } from './describe-body.ts';
import type { IngressParts } from './parts.ts';
import { describeUnknownPath } from './suggest-path.ts';
import { loggedHeaders, logRefusal, recordBare } from './unmatched.ts';

/**
 * `POST /v1/webhooks/{ats_id}` (contract, section 3). It stands in front of Express because that is
 * measurably worth it; the rules are those of `accept`, which REST calls too.
 */
export async function handleWebhook(
  parts: IngressParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { registry, acceptor } = parts;
  const url = request.url ?? '';
  const record = recordBare(request);
  record.headers = loggedHeaders(request);
  record.signature = headerText(request, 'x-webhook-signature') ?? null;
  const named = atsIdOf(url);
  const ats = named === null ? undefined : registry.get(named);
  // The log keeps only what can be an id; the URL beside it has the rest.
  const atsId = ats?.id ?? (Id.safeParse(named).success ? named : null);
  const refuse = async (
    code: GatewayErrorCode,
    reason: string,
    message: string,
    envelope?: unknown,
    problems?: Problem[],
  ) => {
    const error = gatewayError(code, problems);
    await acceptor.refuse({ request: record, error, reason: { code: reason, message }, atsId, envelope });
    answerError(
      response,
      acceptor.say(error),
      code === 'body_too_large' ? { Connection: 'close' } : undefined,
    );
  };

  const raw = await readBody(request, MAX_BODY_BYTES);
  if (!raw.ok) {
    if (raw.reason === 'too_large')
      await refuse('body_too_large', 'body_too_large', 'the body is larger than 1 MiB');
    else if (raw.reason === 'incomplete') {
      record.body = raw.body;
      await logRefusal(acceptor, response, { record, atsId, code: 'body_incomplete', ...raw });
    }
    return;
  }
  record.body = raw.body;
  if (ats?.enabled !== 1)
    return refuse('unknown_ats', 'unknown_ats', describeUnknownAts(registry, url, atsId));

  const checked = verify({
    body: raw.body,
    header: record.signature,
    secret: registry.validSecrets(ats, 'incoming'),
    now: Math.floor(record.receivedAt / 1000),
    tolerance: DEFAULT_TOLERANCE,
  });
  if (!checked.valid) {
    const elsewhere = checked.reason === 'header_missing' ? findMisnamedSignature(request.rawHeaders) : null;
    if (elsewhere !== null) return refuse('invalid_signature', 'header_misnamed', elsewhere);
    const cause =
      checked.reason === 'mismatch'
        ? explainMismatch(request, raw.body, (body) => {
            const secret = registry.validSecrets(ats, 'incoming');
            const tolerance = Number.POSITIVE_INFINITY;
            return verify({ body, header: record.signature, secret, tolerance }).valid;
          })
        : null;
    if (cause !== null) return refuse('invalid_signature', cause.code, cause.message);
    const age =
      checked.age === undefined
        ? ''
        : `, t is ${Math.abs(checked.age)} s ${checked.age < 0 ? 'ahead' : 'old'}`;
    return refuse(
      'invalid_signature',
      checked.reason,
      `the signature does not verify: ${checked.reason}${age}`,
    );
  }

  if (checked.secretIndex > 0) parts.note('rotation-overlap');

  const parsed = parseJson(raw.body, 'exact', MAX_JSON_DEPTH);
  if (!parsed.ok) {
    const encoding = headerText(request, 'content-encoding');
    const hint = encoding ? ` (sent with Content-Encoding: ${encoding}; the body must be plain JSON)` : '';
    const form = describeForm(raw.body, record.headers['Content-Type']);
    const seen = form === null ? '' : `; ${form}`;
    return refuse('validation', 'invalid_json', `${parsed.problem.msg}${hint}${seen}`, undefined, [
      parsed.problem,
    ]);
  }
  const event = parseIncomingEvent(acceptor.read(parsed.value));
  if (!event.ok)
    return refuse(
      'validation',
      'invalid_event',
      [summarizeProblems(event.problems), describeMisplaced(parsed.value, event.problems)]
        .filter((part) => part !== null)
        .join('; '),
      parsed.value,
      event.problems,
    );

  await answerIntake(parts, { ats, via: 'webhook', event: envelop(event.value), request: record }, response);
}

function describeUnknownAts(registry: AtsRegistry, url: string, atsId: string | null): string {
  const known = registry.list().map(({ id }) => id);
  if (atsId === null) return describeUnknownPath('POST', url, known);
  if (known.includes(atsId)) return `the ATS ${JSON.stringify(atsId)} is disabled`;
  const named = known
    .slice(0, 3)
    .map((id) => JSON.stringify(id))
    .join(', ');
  return `no ATS has the id ${JSON.stringify(atsId)}${named === '' ? '' : `; this gateway has ${named}${known.length > 3 ? ', …' : ''}`}`;
}

/** The path's last part; `null` when it is not one part or not valid percent-encoding. */
function atsIdOf(url: string): string | null {
  const end = url.indexOf('?');
  const part = url.slice(WEBHOOK_PATH.length, end < 0 ? undefined : end);
  if (part === '' || part.includes('/')) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
