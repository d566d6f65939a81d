import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import { createRecentSet } from '../../client/recent-set.ts';
import type { LogQuery, LogRecord, LogRecordDetail } from '../../contract/control.ts';
import { ALL_EVENTS } from '../../contract/event-names.ts';
import { withResolvers } from '../../transport/with-resolvers.ts';
import { diagnosedDelivery, withDiagnosis } from '../connect/explain-deliveries.ts';
import { checkId, readAttempt } from '../connect/read-attempt.ts';
import { warnAfterRefusal } from '../connect/warn-differing.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { DIRECTION_FLAG, oneOf, parseSince, suggest, wholeNumber } from '../input/flags.ts';
import { slipIn } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';
import { tableWidth } from '../terminal/table.ts';
import { formatRecords } from '../text/deliveries-table.ts';
import { describeSignatureAge, formatAttempt, formatCurl, formatDelivery } from '../text/delivery.ts';

interface ListFlags {
  direction?: LogQuery['direction'];
  outcome?: LogQuery['outcome'];
  event?: string;
  clientId?: string;
  referenceId?: string;
  since?: string;
  limit?: number;
  cursor?: string;
  follow?: boolean;
}

const OUTCOMES = ['success', 'failure', 'error', 'interrupted'] as const;
/** Lines of the past that `--follow` begins with. */
const FOLLOW_LIMIT = 10;
/** Attempts that `--follow` remembers having printed, and how many it reads at once after a gap. */
const RECENT = 10_000;
const GAP_PAGE = 200;

export function define(command: Command, io: Io): void {
  command
    .command('list', { isDefault: true })
    .description('list attempts, newest first')
    .option(...DIRECTION_FLAG)
    .option('--outcome <outcome>', `only this outcome: ${OUTCOMES.join(', ')}`, oneOf('--outcome', OUTCOMES))
    .option('--event <event>', 'only this event', suggest(ALL_EVENTS))
    .option('--client-id <id>', 'only this workspace')
    .option('--reference-id <id>', 'only what this reference caused')
    .option('--since <when>', 'only since: an age (10m) or a time (2026-11-23T10:00:00Z)', parseSince)
    .option(
      '--limit <n>',
      'attempts per page, 1 to 1000 (default: 50, with --follow 10)',
      wholeNumber('--limit', 1, 1000),
    )
    .option('--cursor <cursor>', 'go on where the page before ended')
    .option('--follow', 'keep printing attempts as they happen, oldest first')
    .addHelpText('after', LIST_HELP)
    .action(async (flags: ListFlags, list: Command) => {
      const output = createOutput(io, list);
      const query = readQuery(flags);
      const show = flags.follow ? follow : printPage;
      await withEmulator(io, list, (client) => show({ client, io, output }, query));
    });
  command
    .command('show')
    .description('show a delivery with its body and every attempt, or one attempt')
    .argument('<id>', 'dlv_… or, for one attempt, dlv_…/3')
    .option('--curl', 'print a curl command with the recorded bytes, headers and signature')
    .addHelpText('after', SHOW_HELP)
    .action(async (id: string, flags: { curl?: boolean }, show: Command) => {
      const output = createOutput(io, show);
      const curl = flags.curl === true;
      const shown = await withEmulator(io, show, (client) => printOne({ client, io, output }, id, curl));
      const { config } = show.optsWithGlobals<GlobalOptions>();
      await warnAfterRefusal(io, { config }, shown);
    });
  command.addHelpText('after', LIST_HELP);
}

/** What one call works with. */
interface Call {
  client: ControlClient;
  io: Io;
  output: Output;
}

async function printPage({ client, io, output }: Call, query: Partial<LogQuery>): Promise<void> {
  const page = await client.log(query);
  output.document({ ...page });
  if (output.json) return;
  if (page.items.length === 0) {
    output.note(`no attempt matches${slipIn(query.event, ALL_EVENTS)}`);
    return;
  }
  for (const line of formatRecords(page.items, output.paint, tableWidth(io))) output.line(line);
  if (page.next_cursor) output.note(`more: add --cursor ${page.next_cursor}`);
}

/** The newest attempts, then each new one. The feed is opened first, so that none falls between. */
async function follow({ client, io, output }: Call, query: Partial<LogQuery>): Promise<void> {
  const stop = new AbortController();
  io.onSignal = () => stop.abort();
  const { promise: open, resolve: opened } = withResolvers();
  let isLost = false;
  const onState = (state: 'open' | 'lost') => {
    if (state === 'open') opened();
    // Said once, however often it is tried.
    else if (!isLost) output.note('the connection to the gateway was lost; trying again');
    isLost = state === 'lost';
  };
  const { promise: beginning, resolve: begun } = withResolvers();
  const onGap = () => beginning.then(fillGap);
  const entries = client.feed(stop.signal, { onState, onGap })[Symbol.asyncIterator]();
  let next = entries.next();
  await Promise.race([open, next]);
  next.catch(() => {}); // its error is thrown where it is awaited, below

  const print = (records: readonly LogRecord[], titles: boolean) => {
    for (const record of records) output.document({ ...record });
    if (output.json) return;
    const lines = formatRecords(records, output.paint, tableWidth(io), { titles, follow: true });
    for (const line of lines) output.line(line);
  };
  // A server that hangs would be waited for, deaf to the signal.
  const { limit = FOLLOW_LIMIT } = query;
  const past = await client.log({ ...query, limit }, stop.signal).catch((error: unknown) => {
    if (stop.signal.aborted) return null;
    throw error;
  });
  if (past === null) return;
  const printed = createRecentSet(
    RECENT,
    past.items.map((record) => record.id),
  );
  /** The newest record of the past: what lies before it was not asked for. */
  const base = past.items[0]?.id ?? null;
  print([...past.items].reverse(), true);
  begun();
  for (;;) {
    const { value: entry, done } = await next;
    if (done) return;
    if ('record' in entry && matches(entry.record, query) && printed.add(entry.record.id)) {
      print([entry.record], false);
    }
    next = entries.next();
  }

  /** The feed lost entries: they are read from the log, which is complete. */
  async function fillGap(): Promise<void> {
    const found: LogRecord[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.log({ ...query, limit: GAP_PAGE, cursor }, stop.signal);
      const end = page.items.findIndex((record) => record.id === base);
      const items = end < 0 ? page.items : page.items.slice(0, end);
      const unseen = items.filter((record) => printed.add(record.id));
      found.push(...unseen);
      // A whole page that was printed: what lies before it was printed too.
      if (end >= 0 || unseen.length === 0) break;
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    print(found.reverse(), false);
  }
}

/** @returns the attempts that were shown. */
async function printOne({ client, io, output }: Call, id: string, curl: boolean): Promise<LogRecordDetail[]> {
  if (id.includes('/') || curl) {
    const attempt = await withDiagnosis(client, await readAttempt(client, id, { whole: curl }));
    const command = curl ? { curl: formatCurl(attempt, client.url) } : {};
    output.document({ ...attempt, ...command });
    if (!curl) print(formatAttempt(attempt, output.paint));
    else if (!output.json) {
      io.stdout.write(`${command.curl}\n`);
      output.note(describeSignatureAge(attempt));
    }
    return [attempt];
  }
  checkId(id);
  const delivery = await diagnosedDelivery(client, id);
  output.document({ ...delivery });
  print(formatDelivery(delivery, output.paint));
  return delivery.attempts;

  function print(lines: string[]): void {
    for (const line of lines) output.line(line);
  }
}

function readQuery(flags: ListFlags): Partial<LogQuery> {
  const { direction, outcome, event, clientId, referenceId, since, limit, cursor } = flags;
  return { direction, outcome, event, client_id: clientId, reference_id: referenceId, since, limit, cursor };
}

function matches(record: LogRecord, query: Partial<LogQuery>): boolean {
  const fields = ['direction', 'outcome', 'event', 'client_id', 'reference_id'] as const;
  return fields.every((name) => query[name] === undefined || record[name] === query[name]);
}

const LIST_HELP = `
Incoming is ATS → CarvOS, outgoing is CarvOS → ATS. With --json --follow, each line is one JSON object.
Times are local: HH:MM:SS, or MM-DD HH:MM on another day; so is one of --since that names no zone.

Examples:
  carvos deliveries                                    the newest attempts
  carvos deliveries --outcome failure --since 10m
  carvos deliveries --follow --json | jq .id
  carvos deliveries show dlv_0198c…                    body, headers, every attempt`;

const SHOW_HELP = `
Examples:
  carvos deliveries show dlv_0198c…
  carvos deliveries show dlv_0198c…/3                  the third attempt alone
  carvos deliveries show dlv_0198c… --curl             the newest attempt as a curl command`;
