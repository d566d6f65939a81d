import { isLosslessNumber } from 'lossless-json';
import { isRecord } from '../../contract/is-record.ts';
import { parseJson } from '../../contract/json.ts';

/** What is stored is not what carvos stores: an earlier version, another program or a disk wrote it. */
export class StoredDataError extends Error {
  readonly code = 'database_corrupt';
  /** @param where table, row and column: `event 17, body`. */
  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`the database holds what cannot be read (${where}): ${why}`, options);
    this.name = 'StoredDataError';
  }
}

/**
 * An object that was stored as JSON.
 *
 * @param where table, row and column, for the error.
 * @throws StoredDataError
 */
export function readStoredJson(json: Uint8Array | string, where: string): Record<string, unknown> {
  const parsed = parseJson(typeof json === 'string' ? Buffer.from(json) : json);
  if (!parsed.ok) throw new StoredDataError(where, parsed.problem.msg);
  const { value } = parsed;
  if (!isRecord(value) || isLosslessNumber(value)) throw new StoredDataError(where, 'it is not an object');
  return value;
}
