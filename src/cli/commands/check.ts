import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { factsOf, PROBES } from '../../client/check/catalogue.ts';
import type { Probe } from '../../client/check/probe.ts';
import { type CheckOutcome, runCheck } from '../../client/check/run-check.ts';
import { CHECK_LEVELS, type CheckLevel, type CheckReport } from '../../contract/check.ts';
import { RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import { TEST_HEADER } from '../../contract/outgoing-headers.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { toJunit } from '../check/junit.ts';
import { createEventSource, readOwnEvents } from '../check/own-events.ts';
import { createReporter, listLines, summaryLine } from '../check/report-lines.ts';
import { probeIds, selectProbes } from '../check/select-probes.ts';
import { resolveSender } from '../config/sender.ts';
import { loadValidConfig } from '../config/validate.ts';
import { guardTarget, isLocalTarget } from '../connect/guard-target.ts';
import { parseDuration } from '../input/duration.ts';
import { collect, oneOf, readSecret } from '../input/flags.ts';
import { parseTarget } from '../input/target.ts';
import { CliError } from '../terminal/errors.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';

interface Options {
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
  config?: string;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[url]', 'your receiver; otherwise the webhookUrl of the config file')
    .option('--only <ids>', 'only these probes, separated by commas; repeatable', probeIds('--only'))
    .option('--skip <ids>', 'all but these', probeIds('--skip'))
    .option('--list', 'show the probes and send nothing')
    .option(
      '--fail-on <level>',
      `which findings end with 1: ${CHECK_LEVELS.join(', ')}`,
      oneOf('--fail-on', CHECK_LEVELS),
    )
    .setOptionValueWithSource('failOn', 'required', 'default')
    .option('--junit <file>', 'write the report as JUnit XML too')
    .option('--state <url>', 'a GET that must answer the same after a repeated event')
    .option('--event <file>', 'send this event of yours instead of a sample; repeatable', collect)
    .option('--client-id <id>', 'client_id of the events')
    .option('--ats-id <id>', 'whose receiver, where the config file has several ATSs')
    .option('--secret <secret>', 'sign with this instead of the configured outgoing secret', readSecret)
    .option('--no-test-header', `leave out ${TEST_HEADER}: true`)
    .option('--timeout <duration>', 'limit on each whole answer (default 5s)', (text) =>
      parseDuration(text, '--timeout'),
    )
    .setOptionValueWithSource('timeout', RECEIVER_TIMEOUT_MS, 'default')
    .option('--live', 'allow a target that is neither loopback nor private')
    .addHelpText('after', HELP)
    .action(async (url: string | undefined, options: Options) => run(io, command, url, options));
}

async function run(io: Io, command: Command, given: string | undefined, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const probes = selectProbes(options.only, options.skip);
  if (options.list === true) {
    const facts = options.only === undefined && options.skip === undefined ? PROBES : probes;
    for (const line of listLines(output, facts.map(factsOf))) output.line(line);
    output.document({ probes: facts.map(factsOf) });
    return;
  }
  if (options.timeout <= 0) throw new CliError('--timeout must be more than 0');
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
  const own = await readOwnEvents(io, options.event ?? []);
  const live = options.live === true;
  const guarded = { secret, origin, live, sample: own.length === 0 };
  await guardTarget({ ...guarded, url }, output);
  if (state !== null) await guardTarget({ ...guarded, url: state }, output);
  // What is tampered with, or made up, is not for a live target: there go only events as they are.
  const unchanged = !(await isLocalTarget(url));
  if (options.junit !== undefined) writeReport(io, options.junit, '');

  output.line(`${output.paint.bold(output.safe(url.href))}  signed with ${fingerprint(secret)} (${origin})`);
  const started = performance.now();
  const report = createReporter(output, probes.map(factsOf));
  const outcome = await runCheck({
    url,
    secret,
    incomingSecret: ats.incomingSecret.value,
    ownBodies: unchanged ? own.map(({ bytes }) => bytes) : null,
    state,
    timeoutMs: options.timeout,
    testHeader: options.testHeader,
    fresh: createEventSource(own, ats, options.clientId),
    probes: unchanged ? probes.filter((probe) => probe.live === true) : probes,
    onResult: (result) => {
      report(result);
      if (output.json && io.stderr.isTTY === true) output.note(`${result.id}: ${result.outcome}`);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'StateError') throw error;
    throw new CliError(`--state shows no state: ${error.message}`, {
      where: state!.href,
      next: 'give a URL that answers a GET with 200 and the same text as long as nothing happens',
    });
  });
  const finished = toReport(url, secret, options.failOn, outcome, performance.now() - started);
  if (unchanged) noteLeftOut(output, probes);
  if (options.junit !== undefined) writeReport(io, options.junit, toJunit(finished));
  output.line(`\n${summaryLine(output, finished)}`);
  const { unreachable } = finished;
  if (unreachable !== null) {
    output.note(`error: ${unreachable.message}\n  at: ${url.href}\n  next: ${unreachable.hint}`);
  }
  const { version: _, ...document } = finished;
  output.document(document);
  io.exitCode = unreachable !== null ? EXIT.unreachable : finished.holds ? EXIT.ok : EXIT.notMet;
}

function toReport(
  url: URL,
  secret: string,
  failOn: CheckLevel,
  { results, unreachable }: CheckOutcome,
  durationMs: number,
): CheckReport {
  const count = (outcome: string) => results.filter((result) => result.outcome === outcome).length;
  const levels = CHECK_LEVELS.slice(0, CHECK_LEVELS.indexOf(failOn) + 1);
  return {
    version: OUTPUT_VERSION,
    url: url.href,
    secret_fingerprint: fingerprint(secret),
    fail_on: failOn,
    holds:
      unreachable === null &&
      !results.some(({ level, outcome }) => outcome === 'failed' && levels.includes(level)),
    counts: { passed: count('passed'), failed: count('failed'), not_judged: count('not_judged') },
    probes: results,
    unreachable:
      unreachable === null
        ? null
        : { code: unreachable.code, message: unreachable.message, hint: unreachable.hint },
    duration_ms: Math.round(durationMs),
  };
}

function noteLeftOut(output: ReturnType<typeof createOutput>, probes: readonly Probe[]): void {
  const left = probes.filter((probe) => probe.live !== true);
  if (left.length > 0) output.note(`not for a live target, left out: ${left.map(({ id }) => id).join(', ')}`);
}

/** Written empty first, so that a folder that is missing is reported before anything is sent. */
function writeReport(io: Io, file: string, text: string): void {
  try {
    writeFileSync(resolve(io.cwd, file), text);
  } catch (error) {
    throw new CliError(`cannot write ${file}: ${fileProblem(error)}`, {
      where: `--junit ${file}`,
      next: 'give a file in a folder that exists',
      cause: error,
    });
  }
}

const HELP = `
Sends what a careful sender and an attacker would, and says what does not hold: why it matters, where it is
documented, and how to fix it. It needs no running gateway. The receiver gets about 80 small webhooks with
made-up people, marked as test events; most of them must be refused.

Exit codes: 0 all holds, 1 something of the --fail-on level does not, 2 usage, 5 the receiver cannot be reached.

Examples:
  carvos check http://localhost:3000/webhooks/carvos
  carvos check 3000 --fail-on recommended --junit check.xml
  carvos check 3000 --only raw-bytes,duplicate --state http://localhost:3000/events/count
  carvos check https://staging.example.com/carvos --live --event candidate.json
  carvos check --list`;
