import type { Command } from 'commander';
import type { ControlClient } from '../../client/control-client.ts';
import { loadAts } from '../config/ats.ts';
import { outgoingDiffers } from '../config/differing-secrets.ts';
import { explainDeliveries } from '../connect/explain-deliveries.ts';
import { namedAts } from '../connect/named-ats.ts';
import { describeWait, type WaitOutcome } from '../connect/wait.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { durationFlag } from '../input/flags.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { type Io, readText } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput, type GlobalOptions, type Output } from '../terminal/output.ts';
import { untilSignal } from '../terminal/until-signal.ts';

interface RecordFlags {
  application?: string;
  candidate?: string;
  vacancy?: string;
  clientId?: string;
  atsId?: string;
  transcript?: string;
  wait?: boolean;
  timeout: number;
}

export function define(command: Command, io: Io): void {
  command
    .command('record')
    .description('make a meeting happen: transcript, summary and notes follow as outgoing events')
    .option('--application <id>', 'the application it is about, with its candidate and vacancy')
    .option('--candidate <id>', 'the candidate who takes part')
    .option('--vacancy <id>', 'the vacancy it is about')
    .option('--client-id <id>', 'the workspace, if there are several')
    .option('--ats-id <id>', 'which ATS, if there are several')
    .option(
      '--transcript <file>',
      'a transcript: "Speaker: words" lines, WebVTT or SRT; - for standard input',
    )
    .option('--wait', 'wait until all three are delivered or exhausted')
    .option('--timeout <duration>', 'with --wait: how long (default: 30s)', durationFlag('--timeout'), 30_000)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RecordFlags, self: Command) => record(self, io, flags));
  command.addHelpText(
    'after',
    `
In production, Carv's bot records a member's meeting. Here you make one happen, with a transcript of yours or
with a made-up conversation that fits the candidate and the vacancy. The same two always get the same one.
${EXAMPLES}`,
  );
}

const EXAMPLES = `
Examples:
  carvos meeting record
  carvos meeting record --application app-3001 --wait
  carvos meeting record --candidate cand-1001 --client-id acme-corp --transcript interview.vtt`;

async function record(command: Command, io: Io, flags: RecordFlags): Promise<void> {
  const output = createOutput(io, command);
  const transcript = flags.transcript === undefined ? undefined : await readTranscript(io, flags.transcript);
  const { config } = command.optsWithGlobals<GlobalOptions>();
  const make = async (client: ControlClient) => {
    const meeting = await client.recordMeeting({
      ats_id: namedAts(io, { config, atsId: flags.atsId }),
      client_id: flags.clientId,
      application_id: flags.application,
      candidate_id: flags.candidate,
      vacancy_id: flags.vacancy,
      transcript,
    });
    if (flags.wait !== true) return { meeting, results: null };
    const options = { until: 'settled', timeoutMs: flags.timeout } as const;
    const differing = outgoingDiffers(loadAts(io, { config }).ats);
    const results = await Promise.all(
      meeting.events.map(async ({ reference_id }) => {
        const result = await client.wait(reference_id, options);
        return { result, deliveries: await explainDeliveries(client, result.trace.deliveries, differing) };
      }),
    );
    return { meeting, results };
  };
  const { meeting, results } = await withEmulator(io, command, (client) =>
    untilSignal(
      io,
      make(client),
      'the gateway goes on with the meeting',
      'carvos deliveries shows its events',
    ),
  );
  const waited = results && {
    wait: results.map(({ result: { done, met } }) => ({ done, met })),
    deliveries: results.flatMap(({ deliveries }) => deliveries),
  };
  output.document({ ...meeting, ...waited });

  const { application_id, candidate_id, vacancy_id } = meeting;
  const about = [application_id, candidate_id, vacancy_id].filter((id) => id !== null).join(', ');
  output.line(neutralizeLine(`${meeting.meeting_id}  ${meeting.client_id}${about && `  ${about}`}`));
  for (const { event, reference_id } of meeting.events) {
    output.line(neutralizeLine(`  ${event.padEnd(24)}  outgoing (CarvOS → ATS)  reference ${reference_id}`));
  }
  if (results !== null) io.exitCode = report(output, results, flags.timeout);
}

function report(
  output: Output,
  results: readonly Pick<WaitOutcome, 'result' | 'deliveries'>[],
  timeoutMs: number,
): number {
  for (const one of results)
    describeWait(output, { timeoutMs }, { ...one, told: new Set(), expectations: null });
  if (results.some(({ result }) => !result.done)) return EXIT.timeout;
  const isDelivered = ({ deliveries }: (typeof results)[number]) =>
    deliveries.length > 0 && deliveries.every(({ state }) => state === 'delivered');
  return results.every(isDelivered) ? EXIT.ok : EXIT.notMet;
}

async function readTranscript(io: Io, source: string): Promise<string> {
  const { bytes } = await readText(io, source);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CliError('the transcript is not UTF-8', {
      where: source,
      next: 'save it as UTF-8',
      cause: error,
    });
  }
}
