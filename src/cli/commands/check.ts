import type { Command } from 'commander';
import { factsOf, PROBE_FACTS, withCrash } from '../../client/check/catalogue.ts';
import { CRASH_FACTS, crashProbe } from '../../client/check/probes/crash.ts';
import { type CheckOutcome, runCheck } from '../../client/check/run-check.ts';
import { CHECK_LEVELS, type CheckLevel, type ProbeResult } from '../../contract/check.ts';
import { RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { TEST_HEADER } from '../../contract/outgoing-headers.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { toJunit } from '../check/junit.ts';
import { createEventSource, readOwnEvents } from '../check/own-events.ts';
import { createReporter, listLines, summaryLine } from '../check/report-lines.ts';
import { isChosen, probeIds, selectProbes } from '../check/select-probes.ts';
import { interruptedResults, toReport } from '../check/to-report.ts';
import { loadValidConfig } from '../config/load.ts';
import { resolveProxy } from '../config/proxy.ts';
import { INSECURE_WARNING, receiverHeadersFor, resolveReceiverTls } from '../config/receiver-tls.ts';
import { resolveSender } from '../config/sender.ts';
import { guardTarget } from '../connect/guard-target.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { createRestartable, type Restartable } from '../exec/restartable.ts';
import { collect, durationFlag, oneOf, readSecret, wholeNumber } from '../input/flags.ts';
import { addProxyFlag, addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { CliError, EXIT, errorText, exitOfSignal } from '../terminal/errors.ts';
import type { Io, Signal } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { stopOrExit } from '../terminal/stop-or-exit.ts';
import { writeReport } from '../terminal/write-report.ts';

interface Options extends ReceiverFlags {
  only?: string[];
  skip?: string[];
  list?: boolean;
  failOn: CheckLevel;
  junit?: string;
  state?: string;
  event?: string[];
  clientId?: string;
  atsId?: string;
  secret?: string;
  testHeader: boolean;
  timeout: number;
  live?: boolean;
  start?: string;
  crash?: number;
  seed: number;
  config?: string;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[url]', 'your receiver (default: webhookUrl of the config file)')
    .option('--only <ids>', 'only these probes, separated by commas; repeatable', probeIds('--only'))
    .option('--skip <ids>', 'all probes but these, separated by commas; repeatable', probeIds('--skip'))
    .option('--list', 'list the probes, and send nothing')
    .option(
      '--fail-on <level>',
      `which failed probes make the exit code 1: ${CHECK_LEVELS.join(', ')}`,
      oneOf('--fail-on', CHECK_LEVELS),
      'required',
    )
    .option('--junit <file>', 'also write the report as JUnit XML')
    .option('--state <url>', 'URL whose answer to GET must stay the same when an event is repeated')
    .option('--event <file>', 'send this event instead of a sample; repeatable', collect)
    .option('--client-id <id>', 'set client_id in the events')
    .option('--ats-id <id>', 'the ATS whose receiver it is, if there are several')
    .option('--secret <secret>', 'sign with this instead of the configured outgoing secret', readSecret)
    .option('--no-test-header', `leave out ${TEST_HEADER}: true`)
    .option(
      '--timeout <duration>',
      'time limit for each whole answer (default: 5s)',
      durationFlag('--timeout'),
      RECEIVER_TIMEOUT_MS,
    )
    .option('--start <command>', 'start the receiver with this command, and end it afterwards')
    .option(
      '--crash <n>',
      'kill it n times in the middle of a webhook; with --start and --state',
      wholeNumber('--crash', 1, 1000),
    )
    .option(
      '--seed <n>',
      'seed of the points at which it is killed',
      wholeNumber('--seed', 0, 999_999_999),
      1,
    )
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText('after', HELP)
    .action(async (url: string | undefined, options: Options) => run(io, command, url, options));
  addProxyFlag(addReceiverFlags(command));
}

async function run(io: Io, command: Command, given: string | undefined, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const probes = selectProbes(options.only, options.skip);
  if (options.list === true) {
    const facts = PROBE_FACTS.filter(({ id }) => isChosen(id, options.only, options.skip));
    for (const line of listLines(output, facts)) output.line(line);
    output.document({ probes: facts });
    return;
  }
  if (options.timeout <= 0) throw new CliError('--timeout must be more than 0');
  checkCrash(options);
  const config = await loadValidConfig(io, options);
  const { ats, secret, origin } = resolveSender(config, options, 'outgoing');
  const target = given ?? ats.webhookUrl;
  if (target === null) {
    throw new CliError(`there is no receiver: ${ats.id} has no webhookUrl`, {
      next: 'give a URL: carvos check http://localhost:3000/webhooks/carvos',
    });
  }
  const url = parseTarget(target, given === undefined ? 'webhookUrl' : 'URL');
  const state = options.state === undefined ? null : parseTarget(options.state, '--state');
  const tls = resolveReceiverTls(config, io.cwd, options);
  if (tls?.insecure) output.note(INSECURE_WARNING);
  const proxies = resolveProxy(options, io.env);
  const own = await readOwnEvents(io, options.event ?? []);
  const live = options.live === true;
  const guarded = { secret, origin, live, sample: own.length === 0 };
  // What is tampered with, or made up, is not for a live target: there go only events as they are.
  const unchanged = !(await guardTarget({ ...guarded, url }, output));
  if (state !== null) await guardTarget({ ...guarded, url: state }, output);
  if (unchanged && options.start !== undefined)
    throw new CliError(`--start starts a receiver on this machine, and ${url.host} is not here`);
  if (options.junit !== undefined) writeReport(io, options.junit, '');

  if (options.secret === undefined) await warnOfDiffering(io, config, ats, ['outgoing_secret']);
  io.goesOn = true;
  output.line(
    `${output.paint.bold(output.safe(maskUrl(url.href)))}  signed with ${fingerprint(secret)} (${origin})`,
  );
  const program = await startProgram(io, options, { url, tls, secret });
  const { crash: kills, seed } = options;
  const chosen =
    program === null || kills === undefined || !isChosen(CRASH_FACTS.id, undefined, options.skip)
      ? probes
      : withCrash(probes, crashProbe(program, kills, seed));
  const asked = unchanged ? probes.filter((probe) => probe.live === true) : chosen;
  const started = performance.now();
  const reporter = createReporter(output, chosen.map(factsOf));
  const results: ProbeResult[] = [];
  const onResult = (result: ProbeResult) => {
    results.push(result);
    reporter.report(result);
    if (output.json && io.stderr.isTTY === true) output.note(`${result.id}: ${result.outcome}`);
  };
  let signal = null as Signal | null;
  const stopped = new Promise<CheckOutcome>((resolve) => {
    io.onSignal = stopOrExit((received) => {
      signal = received;
      interruptedResults(asked.slice(results.length)).forEach(onResult);
      resolve({ results, unreachable: null });
    });
  });
  const checked = runCheck({
    url,
    secret,
    incomingSecret: ats.incomingSecret.value,
    ownBodies: unchanged ? own.map(({ bytes }) => bytes) : null,
    state,
    timeoutMs: options.timeout,
    testHeader: options.testHeader,
    tls,
    proxies,
    headers: receiverHeadersFor(ats, url),
    eventHeader: config.facts?.eventHeader,
    fresh: createEventSource(own, ats, options.clientId, config.facts),
    probes: asked,
    onResult: (result) => {
      if (signal === null) onResult(result);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'StateError') throw error;
    throw new CliError(`--state shows no state: ${error.message}`, {
      where: maskUrl(state!.href),
      next: 'give a URL that answers a GET with 200 and the same text as long as nothing happens',
    });
  });
  const outcome = await Promise.race([checked, stopped]).finally(async () => {
    const left = await program?.end();
    if (left) output.note(`warning: ${left}`);
  });
  const took = performance.now() - started;
  const finished = toReport(url, secret, options.failOn, outcome, took, signal === null);
  const left = probes.filter((probe) => unchanged && probe.live !== true).map(({ id }) => id);
  if (left.length > 0) output.note(`not for a live target, left out: ${left.join(', ')}`);
  if (options.junit !== undefined) writeReport(io, options.junit, toJunit(finished));
  reporter.end();
  output.line(`\n${summaryLine(output, finished)}`);
  const { unreachable } = finished;
  if (unreachable !== null) {
    output.note(errorText(unreachable.message, maskUrl(url.href), unreachable.hint));
  }
  output.document({ ...finished });
  io.exitCode = unreachable !== null ? EXIT.unreachable : finished.holds ? EXIT.ok : EXIT.notMet;
  // What is in flight is not waited for.
  if (signal !== null) process.exit(exitOfSignal(signal));
}

/** @throws CliError (exit 2) for flags that do not go together. */
function checkCrash({ crash, only, start, state }: Options): void {
  if (crash === undefined && only?.includes(CRASH_FACTS.id))
    throw new CliError('--only crash needs --crash <n>: how often the receiver is killed');
  if (crash === undefined || (start !== undefined && state !== undefined)) return;
  throw new CliError(`--crash needs --${start === undefined ? 'start' : 'state'}`, {
    next: "carvos check 3000/webhooks/carvos --start 'npm start' --state http://localhost:3000/events/count --crash 20",
  });
}

/**
 * The receiver of `--start`, once it answers. However this command ends, the receiver ends with it.
 *
 * @throws CliError (exit 5) when it does not answer.
 */
async function startProgram(
  io: Io,
  { start: command }: Options,
  { url, tls, secret }: { url: URL; tls: ReceiverTls | undefined; secret: string },
): Promise<Restartable | null> {
  if (command === undefined) return null;
  const env = { ...io.env, CARVOS_OUTGOING_SECRET: secret };
  const program = createRestartable(command, url, tls, { cwd: io.cwd, env });
  io.onSignal = (signal) => {
    void program.end().finally(() => process.exit(exitOfSignal(signal)));
  };
  const problem = await program.start();
  if (problem === null) return program;
  await program.end();
  throw new CliError(`the receiver of --start cannot be checked: ${problem}`, {
    where: '--start',
    exitCode: EXIT.unreachable,
    next: 'start it by hand with the same command, and look whether it answers there',
  });
}

const HELP = `
Sends what a careful sender and an attacker would send, and says what your receiver gets wrong, why it
matters, where it is documented, and how to fix it. It needs no running gateway. The receiver gets about 90
small webhooks about made-up people, marked as test events; it must refuse most of them.

With --start and --crash it also starts your receiver itself, kills it in the middle of webhooks, starts it
again, delivers them once more as CarvOS does, and looks at --state: was anything done twice, or lost?

Exit codes: 0 every probe that counts (--fail-on) passes, 1 one does not, 2 usage, 5 the receiver is
unreachable.

Examples:
  carvos check http://localhost:3000/webhooks/carvos
  carvos check 3000/webhooks/carvos --fail-on recommended --junit check.xml
  carvos check 3000/webhooks/carvos --only raw-bytes,duplicate --state http://localhost:3000/events/count
  carvos check 3000/hook --start 'npm start' --state http://localhost:3000/count --crash 20
  carvos check https://staging.example.com/carvos --live --event candidate.json
  carvos check --list`;
