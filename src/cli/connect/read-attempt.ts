import type { ControlClient } from '../../client/control-client.ts';
import type { LogRecordDetail } from '../../contract/control.ts';
import { CliError } from '../terminal/errors.ts';

/** @throws CliError (exit 2) for what cannot be the id of a delivery or attempt: `$ID/3` where ID is not set. */
export function checkId(id: string): void {
  if (id !== '' && !id.startsWith('/')) return;
  throw new CliError(`${JSON.stringify(id)} is not the id of a delivery or attempt`, {
    next: 'write it like dlv_… or dlv_…/3; carvos deliveries lists them',
  });
}

/**
 * One attempt, `dlv_…/3`, or the newest of a delivery, `dlv_…`.
 *
 * @throws CliError (exit 2) for a delivery that was not attempted yet, and for what is no id.
 */
export async function readAttempt(
  client: ControlClient,
  id: string,
  options: { whole?: boolean } = {},
): Promise<LogRecordDetail> {
  checkId(id);
  if (id.includes('/')) return await client.logRecord(id, options);
  const newest = (await client.delivery(id, options)).attempts.at(-1);
  if (newest !== undefined) return newest;
  throw new CliError(`${id} was not attempted yet`, { next: 'carvos clock says what it waits for' });
}
