import type { Command } from 'commander';
import { explainStatus } from '../../client/explain-status.ts';
import { type PostResult, signedPost } from '../../client/signed-post.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { maskLocation } from '../../contract/mask-url.ts';
import {
  CAUSATION_HEADER,
  EVENT_HEADER,
  OUTGOING_CONTENT_TYPE,
  TEST_HEADER,
  userAgent,
} from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { answerWords } from '../../transport/answer-words.ts';
import { findProxy } from '../../transport/proxy.ts';
import { resolveProxy } from '../config/proxy.ts';
import { INSECURE_WARNING, receiverHeadersFor, resolveReceiverTls } from '../config/receiver-tls.ts';
import { resolveSender } from '../config/sender.ts';
import { loadValidConfig } from '../config/validate.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { hasEventFields, runningWebhookUrl, sendThroughGateway } from '../connect/test-event.ts';
import { type EventBody, prepareBody, textField } from '../events/body.ts';
import { editBody } from '../events/edit.ts';
import { freshOutgoing } from '../events/samples.ts';
import { type Assignment, parseAssignment } from '../events/set-path.ts';
import { EVENT_SUMMARIES } from '../events/summaries.ts';
import { parseDuration } from '../input/duration.ts';
import { readSecret } from '../input/flags.ts';
import { suggest } from '../input/offer.ts';
import { addProxyFlag, addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { bodyForJson } from '../text/http.ts';
import { describeTls } from '../text/tls.ts';

interface Options extends ReceiverFlags {
  url?: string;
  atsId?: string;
  clientId?: string;
  secret?: string;
  set?: Assignment[];
  edit?: boolean;
  testHeader: boolean;
  timeout: number;
  live?: boolean;
  config?: string;
}

/** A receiver has this long for its whole answer (contract, section 5). */
const RECEIVER_LIMIT_MS = 5000;

export function define(command: Command, io: Io): void {
  command
    .argument(
      '<event|file|->',
      'the name of an outgoing event, to send its sample; or a file; or - for standard input',
      suggest(EVENT_SUMMARIES.outgoing),
    )
    .option(
      '--url <target>',
      'your receiver (default: webhook URL of the running gateway, or of the config file)',
    )
    .option(
      '--set <path=value>',
      'change a field: path=value takes JSON, path:=text takes text; repeatable',
      (text, before: Assignment[] | undefined) => [...(before ?? []), parseAssignment(text)],
    )
    .option('--edit', 'open the body in $EDITOR first')
    .option('--no-test-header', `leave out ${TEST_HEADER}: true`)
    .option('--client-id <id>', 'set client_id in the body')
    .option('--ats-id <id>', 'the ATS whose receiver it is, if there are several')
    .option('--secret <secret>', 'sign with this instead of the configured outgoing secret', readSecret)
    .option('--timeout <duration>', 'time limit for the whole answer (default: 5s)', (text) =>
      parseDuration(text, '--timeout'),
    )
    .setOptionValueWithSource('timeout', RECEIVER_LIMIT_MS, 'default')
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText(
      'after',
      `
Makes one attempt. If a gateway runs, it sends the event to its webhook URL and records it in the delivery
log. Without a gateway, or with another --url, --secret, --timeout, --no-test-header or --receiver-ca, carvos sends
the event itself and records nothing. To see the body first: carvos events EVENT --direction outgoing --sample.

Examples:
  carvos trigger candidate.created --url 3000
  carvos trigger application.created --set data.score=42 --url http://localhost:3000/webhooks/carvos
  carvos trigger meeting.notes_ready --edit`,
    )
    .action(async (source: string, options: Options) => run(io, command, source, options));
  addProxyFlag(addReceiverFlags(command));
}

async function run(io: Io, command: Command, source: string, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const config = await loadValidConfig(io, options);
  const { ats, secret, origin } = resolveSender(config, options, 'outgoing');
  const tls = resolveReceiverTls(config, io.cwd, options);
  if (tls?.insecure) output.note(INSECURE_WARNING);
  const proxies = resolveProxy(options, io.env);
  const mayPass =
    options.secret === undefined &&
    options.receiverCa === undefined &&
    options.insecureReceiver === undefined &&
    options.proxy === undefined &&
    options.testHeader &&
    command.getOptionValueSource('timeout') === 'default';
  const asked = (mayPass || options.url === undefined) && lookupEmulator(io, config).found;
  const running = asked ? await runningWebhookUrl(io, command, ats.id) : null;
  const target = options.url ?? running ?? ats.webhookUrl;
  if (target === null) {
    throw new CliError(`there is no receiver: ${ats.id} has no webhookUrl`, {
      next: 'add --url, or set webhookUrl in the config file',
    });
  }
  const url = parseTarget(target, options.url === undefined ? 'webhookUrl' : '--url');
  const clientId = options.clientId === undefined ? [] : [{ path: ['client_id'], value: options.clientId }];
  const prepared = await prepareBody(io, {
    direction: 'outgoing',
    source,
    sample: (event) => freshOutgoing(event, ats),
    changes: [...clientId, ...(options.set ?? [])],
  });
  const body = options.edit === true ? editBody(io, prepared) : prepared;
  await guardTarget({ url, secret, origin, live: options.live === true, sample: body.sample }, output);

  const viaGateway = mayPass && running === url.href && hasEventFields(body);
  const sent = viaGateway
    ? await sendThroughGateway(io, command, ats.id, body)
    : {
        result: await signedPost({
          url,
          body: body.bytes,
          secret,
          headers: { ...headersFor(body, options.testHeader), ...receiverHeadersFor(ats, url) },
          timeoutMs: options.timeout,
          tls,
          proxy: proxies && findProxy(proxies, url)?.url,
        }),
        deliveryId: null,
      };
  const { result, deliveryId } = sent;
  io.exitCode = report(output, body, url, result);
  output.document({
    url: url.href,
    direction: 'outgoing',
    event: textField(body, 'event'),
    event_id: textField(body, 'event_id'),
    reference_id: textField(body, 'reference_id'),
    test: options.testHeader,
    delivery_id: deliveryId,
    accepted: io.exitCode === EXIT.ok,
    status: result.ok ? result.status : null,
    duration_ms: result.duration_ms,
    response: result.ok
      ? { headers: result.headers, body: { ...bodyForJson(result.body), truncated: result.truncated } }
      : null,
    error: result.ok ? null : { code: result.code, message: result.message },
    tls: result.tls,
  });
  if (deliveryId !== null)
    output.line(output.paint.dim(`  in the log: carvos deliveries show ${deliveryId}`));
}

function headersFor(body: EventBody, test: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': OUTGOING_CONTENT_TYPE,
    'User-Agent': userAgent(VERSION),
  };
  const event = headerText(body, 'event');
  const reference = headerText(body, 'reference_id');
  if (event !== null) headers[EVENT_HEADER] = event;
  if (reference !== null) headers[CAUSATION_HEADER] = reference;
  if (test) headers[TEST_HEADER] = 'true';
  return headers;
}

/** A field that HTTP allows as a header; a file may hold anything. */
function headerText(body: EventBody, name: string): string | null {
  const value = textField(body, name);
  return value !== null && /^[\x21-\x7e]+$/.test(value) ? value : null;
}

function report(output: Output, body: EventBody, url: URL, result: PostResult): number {
  const { paint } = output;
  const event = `${output.safe(textField(body, 'event') ?? 'a body without event')}  ${DIRECTION_LABEL.outgoing}`;
  const took = formatDuration(result.duration_ms);
  if (!result.ok) {
    output.note(`error: ${result.message}\n  at: ${url.href}\n  next: ${result.hint}`);
    // Too slow or too long is an answer of a kind: the receiver is there and did not accept.
    return result.code === 'timeout' || result.code === 'answer_too_large' ? EXIT.notMet : EXIT.unreachable;
  }
  const accepted = result.status >= 200 && result.status <= 299;
  output.line(
    `${accepted ? paint.green(`${result.status}`) : paint.red(`${result.status}`)}  ${event}  ${took}`,
  );
  if (result.tls !== null) output.line(`  ${output.safe(describeTls(result.tls))}`);
  const text = result.body.toString('utf8');
  if (text !== '') output.line(output.safe(text.replace(/\n$/, '').replace(/^/gm, '  ')));
  if (result.truncated) output.line(paint.dim('  (cut off here)'));
  if (accepted) return EXIT.ok;
  const { status, headers } = result;
  const hint =
    status === 401
      ? 'check that the receiver uses the outgoing secret and the raw body; carvos verify says why'
      : explainStatus(status, {
          url: url.href,
          words: answerWords(result.body),
          shown: true,
          location: maskLocation(headers.location, url.href),
        });
  if (hint !== null) output.note(`  next: ${output.safe(hint)}`);
  return EXIT.notMet;
}
