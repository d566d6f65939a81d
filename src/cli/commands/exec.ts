import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ControlClient, createControlClient } from '../../client/control-client.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import type { Emulator } from '../../emulator/in-process/api.ts';
import { calledAs } from '../../files/called-as.ts';
import { findProxy } from '../../transport/proxy.ts';
import { selectAts } from '../config/ats.ts';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { type Config, loadValidConfig } from '../config/load.ts';
import { INSECURE_WARNING } from '../config/receiver-tls.ts';
import { writeSnapshot } from '../connect/write-snapshot.ts';
import { addDevFlags, type DevFlags, devPlace, devSettings } from '../dev/flags.ts';
import { startGateway, startWithReceiver } from '../dev/start-gateway.ts';
import { endAtLoop } from '../exec/end-at-loop.ts';
import { followSignals } from '../exec/follow-signals.ts';
import { childEnv, startChild } from '../exec/run-child.ts';
import { createRunRecord, describeRun, documentRun, type RunEnd, statusAtRest } from '../exec/run-record.ts';
import { type ReceiverWait, waitForReceiver } from '../exec/wait-for-receiver.ts';
import { addMaxEchoFlag } from '../input/max-echo.ts';
import { parseTarget } from '../input/target.ts';
import { EXIT } from '../terminal/errors.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { toJson } from '../terminal/neutralize.ts';
import {
  createOutput,
  createPaint,
  type GlobalOptions,
  type Output,
  wantsColor,
} from '../terminal/output.ts';
import { describeLoop } from '../text/echo.ts';
import { type ListenerTls, resolveListenerTls } from '../tls/listener-tls.ts';

interface ExecFlags extends DevFlags, GlobalOptions {
  soak?: string;
  waitFor?: string;
  logOnFailure?: boolean;
  snapshotOnFailure?: string;
  maxEcho: number;
}

export function define(command: Command, io: Io): void {
  addDevFlags(command, {
    port: 'port to listen on (default: any free one)',
    speed: 'speed of the retry schedule: a factor, max or manual (default: max)',
    db: 'database file (default: in memory, gone at the end)',
  })
    .usage('[options] -- <command...>')
    .argument('<command...>', 'the command to run')
    .option('--wait-for <target>', 'hold deliveries until this receiver answers')
    .option('--log-on-failure', 'if the command fails, print the log on standard error')
    .option(
      '--snapshot-on-failure <file>',
      'if the command fails, save the state to this file, without secrets',
    )
    .option('--soak <duration>', 'run the command again and again, with faults of another seed each time')
    .option('--portal', 'serve the page for browsers, as dev does')
    .passThroughOptions()
    .addHelpText('after', HELP)
    .action(async (words: string[], _flags: unknown, self: Command) => exec(self, io, words));
  addMaxEchoFlag(command);
}

async function exec(command: Command, io: Io, words: string[]): Promise<void> {
  const output = createOutput(io, command);
  const flags = command.optsWithGlobals<ExecFlags>();
  const config = await loadValidConfig(io, { config: flags.config, atsId: flags.atsId });
  const atsId = selectAts(config, flags.atsId).id;
  const target = flags.waitFor === undefined ? null : parseTarget(flags.waitFor, '--wait-for');
  const settings = devSettings(config, io, flags);
  if (settings.receiverTls?.insecure) output.note(`carvos: ${INSECURE_WARNING}`);
  const place = devPlace(config, flags);
  const tls = await resolveListenerTls(flags, { host: place.host, folder: config.folder, cwd: io.cwd });
  const way = {
    tls: settings.receiverTls,
    proxy: target && settings.receiverProxy && findProxy(settings.receiverProxy, target)?.url,
  };
  if (flags.soak !== undefined) {
    const { runSoak } = await import('./exec-soak.ts');
    const parts = { words, target, way, settings, atsId, caFile: tls?.caFile, maxEcho: flags.maxEcho };
    const open = (own: typeof settings) => start(io, config, flags, own, place, tls);
    return await runSoak(io, output, flags.soak, { ...parts, open });
  }
  const { emulator, receiver } = await start(io, config, flags, settings, place, tls);
  try {
    const record = createRunRecord({ differing: outgoingDiffers(config.ats) });
    emulator.subscribe(record.take);
    const release = target === null ? () => {} : emulator.holdDeliveries();
    const wait = target === null ? null : waitForReceiver(target, way, release);

    // Opening a pipe makes it non-blocking, for the child too; starting the child puts that right again.
    void io.stderr;
    let loopOf = (): string | null => null;
    const run = () => {
      const child = startChild(words, {
        cwd: io.cwd,
        env: childEnv(io.env, emulator.env(atsId), tls?.caFile),
        onFailure: (message) => output.note(`error: ${message}`),
      });
      loopOf = endAtLoop(emulator, child, flags.maxEcho);
      return child;
    };
    const { child, exitCode: ended } = await followSignals(io, run, output.note);
    const looped = loopOf();
    const exitCode = looped === null ? ended : EXIT.notMet;

    // Its receiver may be ending as well: what comes now is no result of the run.
    emulator.holdDeliveries();
    wait?.stop();
    const status = await statusAtRest(emulator);
    const client = createControlClient({
      url: emulator.url,
      token: emulator.controlToken,
      caFile: tls?.caFile,
    });
    // Why a request was refused is found after its answer, which may have ended the command.
    await emulator.explained();
    const end = {
      exitCode,
      status,
      builtIn: receiver?.taken ?? 0,
      refused: record.refused,
      assumptions: emulator.assumptions(),
      loop: looped === null ? null : await client.trace(looped),
    };
    io.exitCode = exitCode;
    // Whoever is still impatient gets the code now; the guard of the process group ends the rest.
    io.onSignal = () => process.exit(exitCode);
    const left = await child.endTree();
    if (left !== null) output.note(`carvos: ${left}`);
    if (exitCode !== 0) {
      const { snapshotOnFailure: file } = flags;
      if (file !== undefined) await saveSnapshot(output, client, file, resolve(io.cwd, file));
      if (flags.logOnFailure) {
        const paint = createPaint(wantsColor(flags.color, io.env, io.stderr.isTTY === true));
        for (const line of record.lines(paint)) output.note(line);
      }
    }
    conclude(io, output, emulator, end, { atsId, target, wait });
  } finally {
    await emulator.close();
    await receiver?.close();
  }
}

async function start(
  io: Io,
  config: Config,
  flags: ExecFlags,
  settings: ReturnType<typeof devSettings>,
  place: ReturnType<typeof devPlace>,
  tls: ListenerTls | undefined,
) {
  // The file's speed, port and database are those of `dev`.
  if (flags.speed === undefined) settings.speed = 'max';
  settings.holdWithoutUrl = true;
  const database = flags.db === undefined ? ':memory:' : resolve(io.cwd, flags.db);
  const port = flags.port === undefined ? 0 : place.port;
  const own = { ...place, port, portAsked: true, database };
  if (flags.waitFor === undefined) return await startWithReceiver(own, settings, config, tls);
  // Deliveries are for that receiver alone, whose URL may come later.
  return { emulator: await startGateway(own, settings, config, tls), receiver: null };
}

async function saveSnapshot(
  output: Output,
  client: ControlClient,
  name: string,
  path: string,
): Promise<void> {
  try {
    await writeSnapshot(client, path, { secrets: false });
    output.note(`carvos: saved ${name}; ${calledAs()} snapshot restore puts it into a running gateway`);
  } catch (error) {
    output.note(`carvos: cannot write ${name}: ${fileProblem(error)}`);
  }
}

/** What stands in the way of deliveries that are left, and the line that ends each run. */
function conclude(
  io: Io,
  output: Output,
  emulator: Emulator,
  run: RunEnd,
  asked: { atsId: string; target: URL | null; wait: ReceiverWait | null },
): void {
  if (output.json) {
    // Standard output is the command's.
    io.stderr.write(`${toJson({ version: OUTPUT_VERSION, ...documentRun(run) })}\n`);
    return;
  }
  if (run.loop !== null) for (const line of describeLoop(run.loop, output.paint)) output.note(line);
  const { wait, target, atsId } = asked;
  const held = run.status.deliveries.pending > 0;
  if (wait && !wait.answered) {
    output.note(
      `carvos: ${maskUrl(target!.href)} (--wait-for) never answered: ${wait.lastProblem}; nothing was delivered`,
    );
  } else if (held && emulator.listAts().some((ats) => ats.id === atsId && ats.webhookUrl === null)) {
    output.note(
      `carvos: ${atsId} has no webhook URL, so nothing was delivered\n  next: add --webhook-url, or PATCH $CARVOS_CONTROL_URL/ats/${atsId} with {"webhook_url": "…"}`,
    );
  }
  if (output.verbose)
    for (const { id, what } of run.assumptions) output.note(`carvos: relied on ${id}: ${what}`);
  const more = run.assumptions.length > 0 && !output.verbose ? ' (--verbose names them)' : '';
  output.note(`${describeRun(run)}${more}`);
}

const HELP = `
Starts a gateway on a free port with an empty database, runs your command beside it, and ends with your
command's exit code (128 + n for signal n, 127 if there is no such command), or with 1 at an echo loop: your
ATS stores what it gets and sends that back as an update, again and again. Standard input and output belong
to your command; carvos writes only to standard error. Processes that your command leaves running are ended.
Signals are passed on to it; a third within five seconds kills it.

The command gets CARVOS_URL, CARVOS_ATS_ID, CARVOS_API_KEY, CARVOS_INCOMING_SECRET, CARVOS_OUTGOING_SECRET,
CARVOS_CONTROL_URL and CARVOS_CONTROL_TOKEN. Without a webhook URL a built-in receiver takes the deliveries,
until one is set (with --wait-for they wait for that instead):
  curl -X PATCH "$CARVOS_CONTROL_URL/ats/$CARVOS_ATS_ID" -H "Authorization: Bearer $CARVOS_CONTROL_TOKEN" \\
    -H 'Content-Type: application/json' -d '{"webhook_url": "http://127.0.0.1:3000/webhooks"}'

With --soak 20m the command runs again and again, each time beside a fresh gateway and with the faults of another
seed: duplicates, reordered and late webhooks, lost answers, cut connections, outages. At the end, or at Ctrl-C,
it says what was accepted, delivered and exhausted, how many duplicates the receiver got and how fast it
answered. It ends with 1 when a round failed: its command did, or a delivery was exhausted; an echo loop ends it.
--soak 0s --seed N plays one round again.

With --json, the summary at the end is one JSON object on standard error.

Examples:
  carvos exec -- pytest
  carvos exec --webhook-url 3000 --wait-for 3000 -- npm test
  carvos exec --log-on-failure --snapshot-on-failure failed.db -- mvn verify
  carvos exec --soak 20m --webhook-url 3000 -- carvos run flows
  carvos exec --speed manual -- sh -c 'carvos fault add status-503 --first 1 && carvos send candidate.created &&
    carvos clock next'`;
