import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { encodeSegment } from '../../client/encode-segment.ts';
import { postBytes, signedPost } from '../../client/signed-post.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { userAgent } from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { requireSecret } from '../config/secrets.ts';
import { resolveSender } from '../config/sender.ts';
import { loadValidConfig } from '../config/validate.ts';
import { findGateway, requireToken } from '../connect/find-gateway.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { describeWait, sayWhetherItMoves, waitForReference } from '../connect/wait.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { encode, parseObject } from '../events/body.ts';
import { parseDuration } from '../input/duration.ts';
import { oneOf } from '../input/flags.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { describeAnswer } from '../text/http.ts';
import { restCall } from './rest-call.ts';

const VIAS = ['webhook', 'rest'] as const;

export interface ViaFlags {
  atsId?: string;
  via?: (typeof VIAS)[number];
  wait?: boolean;
  timeout?: number;
}

/** The options of a command that can also go the way of production. */
export function addViaOptions(command: Command): Command {
  return command
    .option('--ats-id <id>', 'which ATS, if there are several')
    .option(
      '--via <how>',
      'webhook or rest: ask the gateway as your ATS does, and events follow',
      oneOf('--via', VIAS),
    )
    .option('--wait', 'with --via: wait for what the request causes')
    .option('--timeout <duration>', 'with --wait: how long (default: 30s)', (text) =>
      parseDuration(text, '--timeout'),
    );
}

/** A request, whichever way it goes. */
export interface AtsRequest {
  event: 'workspace.created' | 'workspace.member_added';
  clientId: string;
  /** Fields of the webhook's body besides the envelope. */
  fields: Record<string, unknown>;
}

/**
 * Whether `--via` was given.
 *
 * @throws CliError (exit 2) for `--wait` without it: what is done at once causes nothing to wait for.
 */
export function sentAsAts(flags: ViaFlags): boolean {
  if (flags.via !== undefined) return true;
  if (flags.wait === true) {
    throw new CliError('--wait needs --via: otherwise it is done at once, and no event follows', {
      next: 'add --via webhook or --via rest',
    });
  }
  return false;
}

/** Sends a request as the ATS does: signed webhook or REST call, answered with 202, the rest later. */
export async function sendAsAts(
  io: Io,
  command: Command,
  flags: ViaFlags,
  request: AtsRequest,
): Promise<void> {
  const output = createOutput(io, command);
  const { config: given } = command.optsWithGlobals<GlobalOptions>();
  const config = await loadValidConfig(io, { config: given, atsId: flags.atsId });
  const sender = resolveSender(config, { atsId: flags.atsId }, 'incoming');
  const gateway = findGateway(io, config, undefined);
  const token = flags.wait === true ? requireToken(io, config, gateway) : null;
  const rest = flags.via === 'rest';
  const { event, clientId, fields } = request;
  const webhook = { event, event_id: `evt-${randomUUID()}`, client_id: clientId, ...fields };
  const call = rest ? restCall(webhook) : null;
  const url = new URL(call?.path ?? `/v1/webhooks/${encodeSegment(sender.ats.id)}`, gateway.url);
  const secret = rest ? requireSecret(sender.ats.apiKey) : sender.secret;
  const origin = rest ? sender.ats.apiKey.origin : sender.origin;
  await guardTarget({ url, secret, origin, live: false, sample: false }, output);

  await warnOfDiffering(io, config, sender.ats, [rest ? 'api_key' : 'incoming_secret']);
  if (token !== null)
    await sayWhetherItMoves(output, { url: gateway.url.origin, token, caFile: gateway.caFile });
  const timeoutMs = flags.timeout ?? 30_000;
  const headers: Record<string, string> = { 'User-Agent': userAgent(VERSION) };
  const result = call
    ? await postBytes({
        ...call,
        url,
        headers: { ...headers, ...call.headers, 'X-API-Key': secret },
        timeoutMs,
        start: 'carvos dev',
        tls: gateway.tls,
      })
    : await signedPost({
        url,
        body: encode(webhook),
        secret,
        headers,
        timeoutMs,
        start: 'carvos dev',
        tls: gateway.tls,
      });
  if (!result.ok) {
    throw new CliError(result.message, {
      where: maskUrl(url.href),
      next: result.hint,
      exitCode: EXIT.unreachable,
    });
  }
  const answer = parseObject(result.body);
  const referenceId = typeof answer?.reference_id === 'string' ? answer.reference_id : null;
  const accepted = result.status >= 200 && result.status <= 299;
  const facts = {
    via: flags.via,
    url: maskUrl(url.href),
    event,
    client_id: clientId,
    status: result.status,
    reference_id: referenceId,
    response: answer,
  };
  output.line(
    `${output.paint[accepted ? 'green' : 'red'](String(result.status))}  ${event}  ${DIRECTION_LABEL.incoming}  ${formatDuration(result.duration_ms)}`,
  );
  if (!accepted || referenceId === null) {
    for (const line of describeAnswer(result.body)) output.line(`  ${output.safe(line)}`);
    output.document(facts);
    io.exitCode = EXIT.refused;
    return;
  }
  output.line(`  reference_id ${output.safe(referenceId)}`);
  if (token === null) return output.document(facts);
  const wait = {
    url: gateway.url.origin,
    token,
    caFile: gateway.caFile,
    referenceId,
    until: null,
    timeoutMs,
    expectations: [],
  } as const;
  const outcome = await waitForReference(io, output, { ...wait, expectations: [] });
  describeWait(output, wait, outcome);
  io.exitCode = outcome.exitCode;
  const { done, met, trace } = outcome.result;
  output.document({ ...facts, wait: { done, met }, job: trace.job, deliveries: outcome.deliveries });
}
