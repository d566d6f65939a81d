import type { Command } from 'commander';
import { explainAnswer, secretsFor } from '../../client/explain-answer.ts';
import { explainStatus } from '../../client/explain-status.ts';
import { isAccepted, type PostOptions, postBytes } from '../../client/post-bytes.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import { maskLocation, maskUrl } from '../../contract/mask-url.ts';
import { headersOfEvent, TEST_HEADER } from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { calledAs } from '../../files/called-as.ts';
import { SIGNATURE_HEADER, sign } from '../../signing/index.ts';
import { answerWords } from '../../transport/answer-words.ts';
import { findProxy } from '../../transport/proxy.ts';
import { loadValidConfig } from '../config/load.ts';
import { resolveProxy } from '../config/proxy.ts';
import { INSECURE_WARNING, receiverHeadersFor, resolveReceiverTls } from '../config/receiver-tls.ts';
import { resolveSender } from '../config/sender.ts';
import { hasWebhookUrl } from '../config/webhook-url.ts';
import { lookupEmulator } from '../connect/find-gateway.ts';
import { guardTarget } from '../connect/guard-target.ts';
import {
  findRunningReceiver,
  hasEventFields,
  type RunningReceiver,
  sendThroughGateway,
  type TestSent,
} from '../connect/test-event.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { type EventBody, prepareBody, textField } from '../events/body.ts';
import { editBody } from '../events/edit.ts';
import { sampleWith } from '../events/fact-samples.ts';
import { freshOutgoing } from '../events/samples.ts';
import { type Assignment, SET_FLAG } from '../events/set-path.ts';
import { EVENT_SUMMARIES } from '../events/summaries.ts';
import { durationFlag, readSecret, suggest } from '../input/flags.ts';
import { addProxyFlag, addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { CliError, EXIT, errorText } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import { untilSignal } from '../terminal/until-signal.ts';
import { formatDuration } from '../text/duration.ts';
import { bodyForJson, describeBinary, describeTls } from '../text/http.ts';

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
    .option(...SET_FLAG)
    .option('--edit', 'open the body in $EDITOR first')
    .option('--no-test-header', `leave out ${TEST_HEADER}: true`)
    .option('--client-id <id>', 'set client_id in the body')
    .option('--ats-id <id>', 'the ATS whose receiver it is, if there are several')
    .option('--secret <secret>', 'sign with this instead of the configured outgoing secret', readSecret)
    .option(
      '--timeout <duration>',
      'time limit for the whole answer (default: 5s)',
      durationFlag('--timeout'),
      RECEIVER_TIMEOUT_MS,
    )
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText(
      'after',
      `
Makes one attempt. If a gateway runs, it sends the event to its webhook URL and records it in the delivery
log. Without a gateway, or with another --url, --secret, --timeout, --no-test-header or --receiver-ca, carvos
sends the event itself and records nothing. To see the body first:
carvos events EVENT --direction outgoing --sample.

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
  const running = asked ? await findRunningReceiver(io, command, ats.id) : null;
  const target = options.url ?? running?.webhook_url ?? ats.webhookUrl;
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
    sample: (event) => freshOutgoing(event, ats, sampleWith(config.facts, event)),
    changes: [...clientId, ...(options.set ?? [])],
  });
  const body = options.edit === true ? editBody(io, prepared) : prepared;
  await guardTarget({ url, secret, origin, live: options.live === true, sample: body.sample }, output);

  if (options.secret === undefined) await warnOfDiffering(io, config, ats, ['outgoing_secret']);
  const isItsOwn = options.url === undefined || (running !== null && hasWebhookUrl(running, url.href));
  const viaGateway = mayPass && running !== null && isItsOwn && hasEventFields(body);
  const whole = () =>
    new URL(options.url === undefined && running !== null ? wholeUrl(running, ats.webhookUrl) : url);
  const sent = viaGateway
    ? await sendThroughGateway(io, command, ats.id, body)
    : await sendDirectly(io, whole(), body, {
        secret,
        other: options.secret === undefined ? ats.incomingSecret.value : null,
        testHeader: options.testHeader,
        timeoutMs: options.timeout,
        headers: receiverHeadersFor(ats, url),
        eventHeader: config.facts?.eventHeader,
        tls,
        proxy: proxies && findProxy(proxies, url)?.url,
      });
  const { result, deliveryId } = sent;
  io.exitCode = report(output, body, url, sent);
  output.document({
    url: maskUrl(url.href),
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
    why: sent.why.length > 0 ? sent.why.join(' ') : null,
  });
  if (deliveryId !== null)
    output.line(output.paint.dim(`  in the log: ${calledAs()} deliveries show ${deliveryId}`));
}

/** Straight to the receiver, and in nobody's log. */
async function sendDirectly(
  io: Io,
  url: URL,
  { bytes: body, value }: EventBody,
  sending: Pick<PostOptions, 'tls' | 'proxy' | 'timeoutMs'> & {
    secret: string;
    other: string | null;
    testHeader: boolean;
    headers: Record<string, string>;
    eventHeader: string | undefined;
  },
): Promise<TestSent> {
  const { secret, other, timeoutMs, tls, proxy } = sending;
  const signature = sign(body, secret);
  const headers = {
    ...headersOfEvent(value ?? {}, {
      version: VERSION,
      test: sending.testHeader,
      eventHeader: sending.eventHeader,
    }),
    [SIGNATURE_HEADER]: signature,
    ...sending.headers,
  };
  const ended = new AbortController();
  const post = postBytes({ url, body, headers, timeoutMs, tls, proxy, signal: ended.signal });
  const left = 'no answer yet, so whether the receiver has the event is not known';
  const result = await untilSignal(io, post, left).finally(() => ended.abort());
  const why =
    result.ok && result.status === 401
      ? explainAnswer({ body, signature, secrets: secretsFor(secret, other) }, result.body)
      : [];
  return { result, deliveryId: null, why };
}

/**
 * Where a gateway's receiver is: it tells no secrets, but the config file may have the same URL.
 *
 * @throws CliError (exit 2) when it has not.
 */
function wholeUrl(running: RunningReceiver, configured: string | null): string {
  const whole = [running.webhook_url, configured].find((url) => hasWebhookUrl(running, url));
  if (whole) return whole;
  throw new CliError('the running gateway does not tell the whole webhook URL: a part of it may be secret', {
    where: running.webhook_url,
    next: 'give it with --url, or leave out the flags that the gateway does not send with',
  });
}

function report(output: Output, body: EventBody, url: URL, { result, why }: TestSent): number {
  const { paint } = output;
  const event = `${output.safe(textField(body, 'event') ?? 'a body without event')}  ${DIRECTION_LABEL.outgoing}`;
  const took = formatDuration(result.duration_ms);
  if (!result.ok) {
    output.note(errorText(result.message, maskUrl(url.href), result.hint));
    // Too slow or too long is an answer of a kind: the receiver is there and did not accept.
    return result.code === 'timeout' || result.code === 'answer_too_large' ? EXIT.notMet : EXIT.unreachable;
  }
  const accepted = isAccepted(result);
  output.line(
    `${accepted ? paint.green(`${result.status}`) : paint.red(`${result.status}`)}  ${event}  ${took}`,
  );
  if (result.tls !== null) output.line(`  ${output.safe(describeTls(result.tls))}`);
  const text = describeBinary(result) ?? result.body.toString('utf8');
  if (text !== '') output.line(output.safe(text.replace(/\n$/, '').replace(/^/gm, '  ')));
  if (result.truncated) output.line(paint.dim('  (cut off here)'));
  if (accepted) return EXIT.ok;
  for (const line of why) output.line(`  ${paint.yellow(output.safe(line))}`);
  const { status, headers } = result;
  const hint =
    status === 401
      ? 'most likely it refuses the signature: check its outgoing secret, and that it takes the raw body. Let its 401 answer the hex digits that it computed, and they are explained here'
      : explainStatus(status, {
          url: url.href,
          words: answerWords(result.body),
          shown: true,
          location: maskLocation(headers.location, url.href),
        });
  if (hint !== null && why.length === 0) output.note(`  next: ${output.safe(hint)}`);
  return EXIT.notMet;
}
