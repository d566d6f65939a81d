import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import type { Delivery } from '../../contract/control.ts';
import { DEMO } from '../../contract/demo.ts';
import { OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { type FailureKind, kindOfFailure } from '../../transport/connection-failures.ts';
import { INSECURE_WARNING, readAuthorities } from '../config/receiver-tls.ts';
import { diagnosedDelivery, whyOf } from '../connect/explain-deliveries.ts';
import { followReplays, lookupAll } from '../connect/follow-replays.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { warnAfterRefusal } from '../connect/warn-differing.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { encode, parseObject } from '../events/body.ts';
import { editBody } from '../events/edit.ts';
import { type Assignment, assign, SET_FLAG } from '../events/set-path.ts';
import { parseSince, suggest } from '../input/flags.ts';
import { addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { confirm } from '../terminal/confirm.ts';
import { CliError, EXIT, slipIn } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';
import { bytesOf } from '../text/http.ts';
import { formatReplay, formatReplays } from '../text/replay.ts';

interface Flags extends ReceiverFlags {
  exhausted?: boolean;
  since?: string;
  event?: string;
  clientId?: string;
  to?: string;
  live?: boolean;
  original?: boolean;
  edit?: boolean;
  set?: Assignment[];
  yes?: boolean;
}

/** Most ids that one request names; the control API's own limit. */
const CHUNK = 10_000;

export function define(command: Command, io: Io): void {
  command
    .argument('[id...]', 'dlv_…; with --original also one attempt, dlv_…/3, whose signature is sent')
    .option('--exhausted', 'replay all exhausted deliveries that no replay has delivered since')
    .option('--since <when>', 'only those created since: an age (10m) or a time (2026-11-23T10:00:00Z)')
    .option('--event <event>', 'only this event', suggest(OUTGOING_EVENTS))
    .option('--client-id <id>', 'only this workspace')
    .option('--to <target>', 'deliver to another receiver: URL, host:port or port')
    .option('--live', 'allow a --to that is neither loopback nor private')
    .option('--original', 'send the recorded signature instead of signing anew')
    .option('--edit', 'open the body in $EDITOR first')
    .option(...SET_FLAG)
    .option('--yes', 'replay more than one without asking')
    .addHelpText('after', HELP)
    .action(async (ids: string[], flags: Flags, self: Command) => {
      const output = createOutput(io, self);
      checkFlags(ids, flags);
      const items = await withEmulator(io, self, (client) => run({ client, flags, io, output }, ids));
      const { config } = self.optsWithGlobals<GlobalOptions>();
      const attempts = items.map((one) => ({ ...one, response_status: one.last_status }));
      await warnAfterRefusal(io, { config }, attempts);
    });
  addReceiverFlags(command);
}

function checkFlags(ids: string[], flags: Flags): void {
  const filtered = flags.exhausted ?? flags.since ?? flags.event ?? flags.clientId;
  if (ids.length === 0 && filtered === undefined) {
    throw new CliError('which deliveries?', {
      next: 'name them (carvos deliveries lists them), or give --exhausted, --since, --event or --client-id',
    });
  }
  if (ids.length > 0 && filtered !== undefined) {
    throw new CliError('ids and filters do not go together', { next: 'give one or the other' });
  }
  if (ids.length !== 1 && (flags.edit || flags.set)) {
    throw new CliError('--edit and --set are for one delivery at a time', { next: 'name one id' });
  }
  const attempt = ids.find((id) => id.includes('/'));
  if (attempt !== undefined && (ids.length > 1 || !flags.original)) {
    throw new CliError(`${attempt} is one attempt, and a delivery is replayed`, {
      next: `use ${attempt.split('/')[0]}, or add --original to send this attempt's signature`,
    });
  }
}

/** What one call works with. */
interface Call {
  client: ControlClient;
  flags: Flags;
  io: Io;
  output: Output;
}

async function run(call: Call, named: string[]): Promise<readonly Delivery[]> {
  const { client, flags, io, output } = call;
  const to = flags.to === undefined ? undefined : parseTarget(flags.to, '--to');
  const ids = named.length > 0 ? [...new Set(named)] : await select(client, flags, to);
  if (ids.length === 0) {
    output.document({ count: 0, accepted: 0, not_accepted: 0, items: [] });
    output.note(`nothing to replay${slipIn(flags.event, OUTGOING_EVENTS)}`);
    return [];
  }
  if (to !== undefined) await guard(call, to, ids);
  if (ids.length === 1) return await replayOne(call, ids[0]!, to);

  await confirmMany(call, ids.length, to);
  const make = async () => {
    const made: string[] = [];
    for (let start = 0; start < ids.length; start += CHUNK) {
      const { items } = await client.replayMany({
        ids: ids.slice(start, start + CHUNK),
        to: to?.href,
        original: flags.original,
        ...receiverRules(call),
      });
      made.push(...items.map((item) => item.id!));
    }
    return made;
  };
  const items = await followReplays(client, make, io, output);
  for (const line of formatReplays(items, output)) output.line(line);
  return conclude(call, items);
}

async function replayOne(call: Call, named: string, to: URL | undefined): Promise<readonly Delivery[]> {
  const { client, flags, io, output } = call;
  const [id, attempt] = named.split('/') as [string, string | undefined];
  if (attempt !== undefined && !/^[1-9][0-9]*$/.test(attempt)) {
    throw new CliError(`${named} is not the id of an attempt`, { next: `write it like ${id}/3` });
  }
  const body = flags.edit || flags.set ? await changedBody(call, id) : undefined;
  let made = '';
  const make = async () => {
    const answer = await client.replay(id, {
      to: to?.href,
      original: flags.original,
      ...receiverRules(call),
      attempt: attempt === undefined ? undefined : Number(attempt),
      body_base64: body?.toString('base64'),
    });
    made = answer.id;
    return [made];
  };
  const items = await followReplays(client, make, io, output);
  if (output.json) {
    const explained = items.map(async (one) => ({ ...one, why: await whyOf(client, made) }));
    return conclude(call, await Promise.all(explained));
  }
  for (const line of formatReplay(await diagnosedDelivery(client, made), output)) output.line(line);
  return conclude(call, items);
}

/** The gateway makes the attempt; files are read here. */
function receiverRules({ flags, io, output }: Call) {
  const { receiverCa: ca, insecureReceiver: insecure } = flags;
  if (insecure) output.note(INSECURE_WARNING);
  const locate = (file: string) => resolve(io.cwd, file);
  const trusted = ca === undefined ? undefined : [...readAuthorities(ca, locate, '--receiver-ca')];
  return { receiver_ca: trusted, insecure_receiver: insecure };
}

/** Kinds of attempts that reached nobody. */
const UNREACHED: readonly (FailureKind | null)[] = ['absent', 'cut', 'tls'];

function conclude({ io, output }: Call, items: Delivery[]): Delivery[] {
  const missed = items.filter((item) => item.state !== 'delivered');
  const accepted = items.length - missed.length;
  output.document({ count: items.length, accepted, not_accepted: missed.length, items });
  if (missed.length === 0 || io.exitCode !== EXIT.ok) return items;
  const reachedNobody = missed.every(
    ({ last_error }) => last_error && UNREACHED.includes(kindOfFailure(last_error.code)),
  );
  io.exitCode = reachedNobody ? EXIT.unreachable : EXIT.notMet;
  return items;
}

async function select(client: ControlClient, flags: Flags, to: URL | undefined): Promise<string[]> {
  const { items } = await client.replayMany({
    exhausted: flags.exhausted,
    since: flags.since === undefined ? undefined : parseSince(flags.since),
    event: flags.event,
    client_id: flags.clientId,
    to: to?.href,
    dry_run: true,
  });
  return items.map((item) => item.replay_of);
}

async function changedBody({ client, flags, io }: Call, id: string): Promise<Buffer> {
  const delivery = await client.delivery(id, { whole: true });
  if (delivery.direction === 'incoming') {
    throw new CliError(`${id} is incoming (ATS → CarvOS), and only outgoing deliveries are replayed`, {
      next: 'use carvos send, with --set or a file',
    });
  }
  const value = parseObject(bytesOf(delivery.body));
  if (value === null) throw new CliError(`the body of ${id} is not a JSON object, so it cannot be changed`);
  for (const change of flags.set ?? []) assign(value, change);
  const bytes = encode(value);
  return flags.edit ? editBody(io, { bytes, sample: false, file: null, value }).bytes : bytes;
}

/** The emulator signs, so its secrets count, not the config file's; it shows only their fingerprints. */
async function guard({ client, flags, output }: Call, to: URL, ids: string[]) {
  const named = ids.map((id) => id.split('/')[0]!);
  const deliveries = await lookupAll(client, named);
  const concerned = new Set(deliveries.map((one) => one.ats_id));
  const demo = [DEMO.outgoingSecret, DEMO.incomingSecret, DEMO.apiKey].map(fingerprint);
  for (const ats of (await client.status()).ats) {
    if (!concerned.has(ats.id)) continue;
    const known = ats.outgoing_secret_fingerprint ?? 'none';
    await guardTarget(
      {
        url: to,
        secret: { fingerprint: known, isDemo: demo.includes(known) },
        origin: `outgoing secret of ${ats.id}, in the gateway`,
        live: flags.live === true,
        sample: false,
        // A recorded signature on another body is a forgery on purpose.
        tampered: flags.original === true && (flags.edit === true || flags.set !== undefined),
      },
      output,
    );
  }
}

async function confirmMany({ flags, io }: Call, count: number, to: URL | undefined) {
  if (flags.yes) return;
  const what = `replay ${count} deliveries to ${to === undefined ? 'the webhook URL' : maskUrl(to.href)}`;
  const question = `${what[0]!.toUpperCase()}${what.slice(1)}?`;
  if (!(await confirm(io, `this would ${what}`, question, 'if you mean all of them, add --yes')))
    throw new CliError('nothing was replayed');
}

const HELP = `
Each replay is a new delivery with one attempt: the same bytes, event_id and reference_id, signed anew. The log
links it to the original. The exit code is 1 when a receiver did not accept. To send an incoming event again,
use carvos send.

Examples:
  carvos replay dlv_0198c…
  carvos replay --exhausted --since 1h --yes           everything that failed in the last hour
  carvos replay dlv_0198c… --to 3001                   to another receiver
  carvos replay dlv_0198c… --original                  is the old signature refused?
  carvos replay dlv_0198c… --set data.score=42`;
