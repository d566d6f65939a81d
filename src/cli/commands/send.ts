import http from 'node:http';
import https from 'node:https';
import type { Command } from 'commander';
import { encodeSegment } from '../../client/encode-segment.ts';
import type { WaitUntil } from '../../contract/control.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { agentOptions } from '../../transport/receiver-tls.ts';
import { selectAts } from '../config/ats.ts';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { requireSecret } from '../config/secrets.ts';
import { resolveSender } from '../config/sender.ts';
import { loadValidConfig } from '../config/validate.ts';
import { findGateway, requireToken } from '../connect/find-gateway.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { sayWhetherItMoves } from '../connect/wait.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { watchReference } from '../connect/watch-reference.ts';
import { openClient } from '../connect/with-emulator.ts';
import type { EventBody } from '../events/body.ts';
import { freshIncoming } from '../events/samples.ts';
import { parseAssignment } from '../events/set-path.ts';
import { EVENT_SUMMARIES } from '../events/summaries.ts';
import { parseDuration } from '../input/duration.ts';
import { EXPECTATIONS, type Expectation, parseExpectation } from '../input/expectations.ts';
import { oneOf, readSecret, wholeNumber } from '../input/flags.ts';
import { offering, suggest } from '../input/offer.ts';
import { eventItems } from '../send/event-items.ts';
import { listenForSignals } from '../send/interruption.ts';
import { changesFrom, type EventFlags, openEvents } from '../send/open-events.ts';
import { describeAnswered, describeCaused, sentDocument } from '../send/report-sent.ts';
import { describeTotals, noTotals, printMany, sendMany } from '../send/send-many.ts';
import { below, checkEvent, type Sending, type Sent, sendEvent } from '../send/sender.ts';
import { parseSendFault, SEND_KINDS, type SendFault } from '../send/sign-request.ts';
import { readCv } from '../send/upload-cv.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import type { Reader } from '../text/feed.ts';

interface Options extends EventFlags {
  url?: string;
  atsId?: string;
  secret?: string;
  fault?: SendFault;
  via: Sending['via'];
  cv?: string;
  repeat: number;
  concurrency: number;
  dryRun?: boolean;
  curl?: boolean;
  wait?: boolean;
  until?: WaitUntil;
  timeout: number;
  expect?: Expectation[];
  live?: boolean;
  config?: string;
}

/** More at once gain nothing against one gateway. */
const MAX_CONCURRENCY = 256;
const VIAS = ['webhook', 'rest'] as const;
const UNTIL = ['first-attempt', 'settled', 'success'] as const;

export function define(command: Command, io: Io): void {
  command
    .argument(
      '<event|file|->',
      'the name of an incoming event, to send its sample; or a file; or - for standard input',
      suggest(EVENT_SUMMARIES.incoming),
    )
    .option(
      '--set <path=value>',
      'change a field: path=value takes JSON, path:=text takes text; repeatable',
      append(parseAssignment),
    )
    .option('--client-id <id>', 'set client_id in the body')
    .option('--user-id <id>', 'set user_id in the body')
    .option(
      '--event-id <id>',
      'set event_id in the body; otherwise samples and repeated events get a fresh one',
    )
    .option('--url <target>', 'the gateway (default: CARVOS_URL, or the gateway of this folder)')
    .option('--ats-id <id>', 'the ATS that sends, if there are several')
    .option('--secret <secret>', 'sign with this instead of the configured incoming secret', readSecret)
    .option('--fault <kind>', `send it with a fault: ${SEND_KINDS.join(', ')}`, parseSendFault)
    .option(
      '--via <way>',
      'webhook, or rest for the equivalent REST call (default: webhook)',
      oneOf('--via', VIAS),
    )
    .setOptionValueWithSource('via', 'webhook', 'default')
    .option(
      '--cv <file>',
      'upload this PDF, DOC or DOCX first and refer to it; for a candidate or an application',
    )
    .option('--ndjson', 'the file or standard input has one event per line')
    .option(
      '--repeat <n>',
      'send each event this many times (default: 1)',
      wholeNumber('--repeat', 1, 999_999_999),
    )
    .setOptionValueWithSource('repeat', 1, 'default')
    .option(
      '--concurrency <n>',
      'send this many at once (default: 1)',
      wholeNumber('--concurrency', 1, MAX_CONCURRENCY),
    )
    .setOptionValueWithSource('concurrency', 1, 'default')
    .option('--dry-run', 'print the request instead of sending it')
    .option('--curl', 'print a curl command instead of sending')
    .option('--wait', 'wait for what it causes: the AI job and the delivery')
    .option(
      '--until <state>',
      `with --wait, until when: ${UNTIL.join(', ')} (default: settled)`,
      oneOf('--until', UNTIL),
    )
    .option('--timeout <duration>', 'how long to wait (default: 30s)', (text) =>
      parseDuration(text, '--timeout'),
    )
    .setOptionValueWithSource('timeout', 30_000, 'default')
    .option(
      '--expect <key=value>',
      'what must hold: event, status, outcome, attempts or data.PATH; implies --wait; repeatable, and then all must hold on one delivery',
      offering(EXPECTATIONS, append(parseExpectation)),
    )
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText(
      'after',
      `
A file or standard input is one event, which is sent byte for byte unless a flag changes it. With --ndjson, or
if the file's name ends in .ndjson, each line is one event. With --wait, carvos waits for each event before it
sends the next one. Of many events, the worst exit code counts: 2 a line is wrong, 5 unreachable, 4 refused,
1 not as expected, 6 gave up waiting.

Examples:
  carvos send candidate.created --wait
  carvos send application.created --set 'stage:=interview' --expect outcome=delivered --expect attempts=1
  carvos send body.json --dry-run
  carvos send candidate.created --fault stale
  carvos send candidate.created --cv resume.pdf --via rest --wait
  carvos send - --ndjson --concurrency 16 < events.ndjson
  carvos send candidate.created --repeat 1000 --concurrency 16 --json`,
    )
    .action(async (source: string, options: Options) => run(io, createOutput(io, command), source, options));
}

async function run(io: Io, output: Output, source: string, options: Options): Promise<void> {
  checkFlags(options);
  const config = await loadValidConfig(io, options);
  const rest = options.via === 'rest';
  const sender = rest
    ? { ats: selectAts(config, options.atsId), secret: '', origin: '' }
    : resolveSender(config, options, 'incoming');
  const gateway = findGateway(io, config, options.url);
  const waits = options.wait === true || options.until !== undefined || (options.expect?.length ?? 0) > 0;
  const prints = options.dryRun === true || options.curl === true;
  // Before anything is sent: an event that cannot be waited for should not be on its way.
  const token = waits && !prints ? requireToken(io, config, gateway) : null;
  const { url } = gateway;
  const { fault, timeout: timeoutMs } = options;

  const changes = changesFrom(options);
  const given = await openEvents(io, source, options, changes, (event) => freshIncoming(event, sender.ats));
  const isOne = 'bytes' in given.events;
  const many = !isOne || options.repeat > 1;
  const interruption = listenForSignals(io);
  const { ats } = sender;
  const needsKey = rest || options.cv !== undefined;
  const sending: Sending = {
    io,
    output,
    base: baseOf(url),
    webhookUrl: webhookUrl(url, ats.id),
    via: options.via,
    secret: sender.secret,
    apiKey: needsKey ? requireSecret(ats.apiKey) : null,
    fault,
    cv: options.cv === undefined ? null : await readCv(io, options.cv),
    timeoutMs,
    tls: gateway.tls,
    wait:
      token === null
        ? null
        : {
            url: url.origin,
            token,
            caFile: gateway.caFile,
            until: options.until ?? null,
            timeoutMs,
            expectations: options.expect ?? [],
          },
    stop: interruption.stop,
    giveUp: interruption.giveUp,
  };
  interruption.stop.addEventListener('abort', given.close);
  const items = eventItems(given.events, { repeat: options.repeat, changes });
  const endAtSignal = () => {
    if (interruption.signal === null) return;
    io.exitCode = interruption.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  };
  try {
    if (prints) {
      await printMany(sending, items, { many, curl: options.curl === true });
      if (options.curl === true && !output.json && !rest)
        output.note('The signature counts for 5 minutes from now.');
      endAtSignal();
      return;
    }
    const guarded = { live: options.live === true, sample: given.sample, fault };
    if (!rest) {
      const { secret, origin } = sender;
      await guardTarget({ url: sending.webhookUrl, secret, origin, ...guarded }, output);
    }
    if (sending.apiKey !== null) {
      const key = { secret: sending.apiKey, origin: ats.apiKey.origin };
      await guardTarget({ url: sending.base, ...key, ...guarded }, output);
    }
    if (options.secret === undefined)
      await warnOfDiffering(io, config, ats, [
        ...(rest ? [] : ['incoming_secret' as const]),
        ...(needsKey ? ['api_key' as const] : []),
      ]);
    if (sending.wait !== null) await sayWhetherItMoves(output, sending.wait);
    if (!many && isOne)
      await sendOne(sending, given.events as EventBody, { differing: outgoingDiffers(config.ats) });
    else await sendAll(sending, items, options.concurrency);
    endAtSignal();
  } finally {
    given.close();
    interruption.end();
  }
}

/** @throws CliError (exit 2) for flags that contradict each other. */
function checkFlags(options: Options): void {
  const prints = options.curl === true ? '--curl' : options.dryRun === true ? '--dry-run' : null;
  if (options.dryRun === true && options.curl === true)
    throw new CliError('--dry-run and --curl do not go together');
  if (prints !== null && options.cv !== undefined) {
    throw new CliError(`--cv uploads a file before the event, and ${prints} sends nothing`, {
      next: "upload it yourself, and add --set 'cv.carv_file_id:=ID'",
    });
  }
  if (options.via !== 'rest') return;
  if (options.secret !== undefined) {
    throw new CliError('--secret signs a webhook, and a REST call is not signed', {
      next: 'set CARVOS_API_KEY in .env or in the environment',
    });
  }
  if (options.fault !== undefined && options.fault !== 'duplicate') {
    throw new CliError(`--fault ${options.fault} spoils a signature, and a REST call has none`, {
      next: 'leave out --via rest, or use --fault duplicate',
    });
  }
}

async function sendOne(sending: Sending, body: EventBody, reader: Reader): Promise<void> {
  const { io, output } = sending;
  checkEvent(sending, body);
  const { wait } = sending;
  const watch =
    wait === null || output.json
      ? null
      : await watchReference(openClient({ ...wait, path: null }), output, reader);
  let isTold = false;
  const onAnswer = (sent: Sent) => {
    isTold = true;
    describeAnswered(sending, sent);
  };
  const sent = await sendEvent({ ...sending, wait: wait && { ...wait, watch }, onAnswer }, body).finally(() =>
    watch?.end(null),
  );
  io.exitCode = sent.exitCode;
  if (!isTold) describeAnswered(sending, sent);
  describeCaused(sending, sent);
  output.document(sentDocument(sending, sent));
  if (sent.accepted && sending.wait !== null && sent.referenceId === null) {
    throw new CliError('the answer has no reference_id, so there is nothing to wait for', {
      exitCode: EXIT.refused,
      where: sent.request === null ? undefined : maskUrl(sent.request.url.href),
    });
  }
}

async function sendAll(
  sending: Sending,
  items: ReturnType<typeof eventItems>,
  concurrency: number,
): Promise<void> {
  const options = { keepAlive: true, maxSockets: concurrency };
  const agent =
    sending.base.protocol === 'https:'
      ? new https.Agent({ ...options, ...agentOptions(sending.tls) })
      : new http.Agent(options);
  const startedAt = performance.now();
  const totals = noTotals();
  try {
    await sendMany({ ...sending, agent }, items, concurrency, totals);
    sending.io.exitCode = totals.exitCode;
  } finally {
    agent.destroy();
    describeTotals(sending, totals, performance.now() - startedAt);
  }
}

/** A base URL gets the endpoint's path; a URL that has it is taken as it is. */
function webhookUrl(url: URL, atsId: string): URL {
  if (url.pathname.includes('/webhooks/')) return url;
  return below(url, `/v1/webhooks/${encodeSegment(atsId)}`);
}

/** Without the path of the webhook endpoint, which REST and uploads do not share. */
function baseOf(url: URL): URL {
  const base = new URL(url);
  base.search = '';
  base.pathname = base.pathname.replace(/\/v1\/webhooks\/.*$/, '/');
  return base;
}

/** A repeatable flag whose values are read by `parse`. */
function append<T>(parse: (text: string) => T): (text: string, before: T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}
