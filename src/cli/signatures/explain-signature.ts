import type { Command } from 'commander';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { type DiagnoseOptions, diagnose } from '../../signing/index.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';

/**
 * What `verify` needs only when a signature fails, or for a recorded request. It is loaded when it is
 * needed: `verify` of a good signature must start as fast as Node does.
 */
export { formatDiagnosis } from '../text/diagnosis.ts';
export { readRecordedRequest } from './request-file.ts';

export function explain(options: DiagnoseOptions): DiagnosisView {
  return diagnose(options);
}

export interface RecordQuestion {
  /** `dlv_…`, or `dlv_…/3` for one attempt. */
  id: string;
  computed?: string;
  /** Unix seconds; when the record was made, by default. */
  at?: number;
  /** Seconds; `Infinity` checks no age. */
  tolerance?: number;
}

export interface RecordDiagnosis {
  id: string;
  direction: 'incoming' | 'outgoing';
  diagnosis: DiagnosisView;
}

/**
 * Asks the running emulator about a record of its log: it alone knows the secrets that were rotated away.
 *
 * @throws CliError as `withEmulator` does.
 */
export async function diagnoseRecord(
  io: Io,
  command: Command,
  question: RecordQuestion,
): Promise<RecordDiagnosis> {
  return await withEmulator(io, command, async (client) => {
    const id = await attemptId(client, question.id);
    const { computed, at, tolerance } = question;
    const checked = tolerance === undefined || Number.isFinite(tolerance) ? tolerance : 'off';
    return await client.diagnosis(id, { computed, at, tolerance: checked });
  });
}

/** A record's signature and whole body, for secrets of the user's own. */
export async function readRecord(
  io: Io,
  command: Command,
  id: string,
): Promise<{ signature: string | null; body: Buffer; direction: 'incoming' | 'outgoing'; at: number }> {
  return await withEmulator(io, command, async (client) => {
    const record = await client.logRecord(await attemptId(client, id), { whole: true });
    return {
      signature: record.request.signature,
      body: Buffer.from(record.request.body.text, record.request.body.encoding),
      direction: record.direction,
      at: Math.floor(Date.parse(record.occurred_at) / 1000),
    };
  });
}

/** The newest attempt of a delivery, or the attempt itself. */
async function attemptId(
  client: Parameters<Parameters<typeof withEmulator>[2]>[0],
  id: string,
): Promise<string> {
  if (id.includes('/')) return id;
  const { attempts } = await client.delivery(id);
  return attempts.reduce((a, b) => (b.number > a.number ? b : a)).id;
}
