import { formatDuration } from '../../src/cli/text/duration.ts';
import { writeEmulatorFile } from '../../src/client/emulator-file.ts';
import type { Trace } from '../../src/contract/control.ts';
import type { EmulatorOptions } from '../../src/emulator/index.ts';
import { candidateCreated, startTestEmulator, testAts } from './emulator.ts';
import { tempFolder } from './folder.ts';
import { runCli } from './program.ts';
import { type Received, type Respond, startTestReceiver } from './receiver.ts';
import { judgeSignature } from './sign.ts';

const DEMO = { incoming: 'demo-incoming-secret', outgoing: 'demo-outgoing-secret' };

/**
 * A gateway with the demo ATS, which the built program finds from its folder without any
 * configuration, and a receiver for it.
 */
export async function startDemoGateway(
  respond: Respond = () => 200,
  overrides: Partial<EmulatorOptions> = {},
  secrets = DEMO,
) {
  const receiver = await startTestReceiver(respond);
  const { emulator, control, postAndWait } = await startTestEmulator({
    ats: [testAts('demo-ats', receiver.url, secrets)],
    portal: true,
    ...overrides,
  });
  const cwd = tempFolder();
  writeEmulatorFile(cwd, {
    url: emulator.url,
    token: emulator.controlToken,
    pid: process.pid,
    started_at: new Date().toISOString(),
  });
  return {
    receiver,
    emulator,
    control,
    cwd,
    carvos: (...args: string[]) => runCli(args, { cwd }),
    /** Sends one event; returns its delivery after the first attempt. */
    async deliver(fields: Record<string, unknown> = {}) {
      const event = candidateCreated(fields);
      const { trace, reference_id } = await postAndWait('first-attempt', event, {
        ats: 'demo-ats',
        secret: secrets.incoming,
      });
      return { ...trace.deliveries[0]!, reference_id };
    },
  };
}

/** The production time of an attempt of the first delivery, in words: the schedule's delays and what really took time. */
export function productionOf({ accepted, deliveries }: Trace, number: number): string {
  const [delivery] = deliveries;
  const { production_ms } = delivery!.attempts[number - 1]!;
  return formatDuration(Date.parse(delivery!.created_at) - Date.parse(accepted!.at) + production_ms!);
}

/** Judged with node:crypto alone. */
export function isSigned(received: Received): boolean {
  return judgeSignature(received, DEMO.outgoing).signed;
}
