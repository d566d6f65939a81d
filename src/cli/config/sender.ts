import type { EventDirection } from '../../contract/event-names.ts';
import type { AtsConfig } from './ats.ts';
import { secretOf, selectAts } from './ats.ts';
import type { Config } from './load.ts';
import { requireSecret } from './secrets.ts';

export interface Sender {
  ats: AtsConfig;
  secret: string;
  /** Where the secret came from. */
  origin: string;
}

/**
 * Who signs: the selected ATS with its secret of this direction, or with the one given.
 *
 * @throws CliError (exit 2) when there is no such ATS, or its secret is not set.
 */
export function resolveSender(
  config: Config,
  options: { atsId?: string; secret?: string },
  direction: EventDirection,
): Sender {
  const { atsId, secret } = options;
  if (secret !== undefined) {
    const known = atsId === undefined || config.ats.some(({ id }) => id === atsId);
    // With a secret of its own an ATS need not be configured: this is how an unknown one is tried.
    const ats = known ? selectAts(config, atsId) : { ...config.ats[0]!, id: atsId };
    return { ats, secret, origin: '--secret' };
  }
  const ats = selectAts(config, atsId);
  const configured = secretOf(ats, direction);
  return { ats, secret: requireSecret(configured), origin: configured.origin };
}
