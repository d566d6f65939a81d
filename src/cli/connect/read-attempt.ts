import type { ControlClient } from '../../client/control-client.ts';
import type { LogRecordDetail } from '../../contract/control.ts';
import { CliError } from '../terminal/errors.ts';

/**
 * One attempt, `dlv_…/3`, or the newest of a delivery, `dlv_…`.
 *
 * @throws CliError (exit 2) for a delivery that was not attempted yet.
 */
export async function readAttempt(
  client: ControlClient,
  id: string,
  options: { whole?: boolean } = {},
): Promise<LogRecordDetail> {
  if (id.includes('/')) return await client.logRecord(id, options);
  const newest = (await client.delivery(id, options)).attempts.at(-1);
  if (newest !== undefined) return newest;
  throw new CliError(`${id} was not attempted yet`, { next: 'carvos clock says what it waits for' });
}
