import type { LogRecordDetail } from '../../contract/control.ts';
import type { SignatureVerdict } from '../../contract/output/log.ts';
import { DEFAULT_TOLERANCE, verify } from '../../signing/index.ts';
import { configuredSecret } from '../config/ats.ts';
import { isCliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';

/** Judges a recorded signature by the configured secret, as of when it was sent. */
export function judgeSignature(
  io: Io,
  record: Pick<LogRecordDetail, 'direction' | 'ats_id' | 'occurred_at'>,
  signature: string | null,
  body: Uint8Array,
  config: string | undefined,
): SignatureVerdict {
  const secret = secretFor(io, record, config);
  if (signature === null) return { t: null, age_s: null, verdict: 'unsigned' };
  const now = Math.floor(Date.parse(record.occurred_at) / 1000);
  const result = verify({ body, header: signature, secret: secret ?? '', now, tolerance: DEFAULT_TOLERANCE });
  const times = { t: result.timestamp ?? null, age_s: result.age ?? null };
  if (secret === null) return { ...times, verdict: 'unchecked' };
  return { ...times, verdict: result.valid ? 'valid' : result.reason };
}

function secretFor(
  io: Io,
  { direction, ats_id }: Pick<LogRecordDetail, 'direction' | 'ats_id'>,
  config: string | undefined,
): string | null {
  try {
    return configuredSecret(io, direction, { config, atsId: ats_id ?? undefined }).value;
  } catch (error) {
    // The emulator may know an ATS that the configuration here does not.
    if (isCliError(error)) return null;
    throw error;
  }
}
