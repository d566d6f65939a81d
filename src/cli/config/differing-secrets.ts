import { fingerprint } from '../../signing/fingerprint.ts';
import { type AtsConfig, CREDENTIAL_KINDS, CREDENTIALS, type CredentialKind } from './ats.ts';

/** The fingerprints of an ATS's credentials in a gateway, as its status has them. */
export type RunningCredentials = Record<`${CredentialKind}_fingerprint`, string | null>;

/**
 * Credentials that a gateway has otherwise than the configuration: rotated there, or set here since it started.
 *
 * @returns a sentence for each, with fingerprints only.
 */
export function describeDiffering(
  ats: AtsConfig,
  running: Partial<RunningCredentials>,
  kinds: readonly CredentialKind[] = CREDENTIAL_KINDS,
): string[] {
  return kinds.flatMap((kind) => {
    const { field, label } = CREDENTIALS[kind];
    const { value, origin } = ats[field];
    if (value === null) return [];
    const ours = fingerprint(value);
    const theirs = running[`${kind}_fingerprint`];
    if (!theirs || ours === theirs) return [];
    return [
      `the gateway has another ${label} of ${ats.id} (${theirs}) than ${origin} (${ours}): it was rotated there, or changed here since`,
    ];
  });
}

/** The same for the outgoing secret of a gateway's ATS: why a receiver may refuse what it signs. */
export function outgoingDiffers(
  list: readonly AtsConfig[],
): (atsId: string, secret: string) => readonly string[] {
  return (atsId, secret) => {
    const ats = list.find(({ id }) => id === atsId);
    const running = { outgoing_secret_fingerprint: secret };
    return ats === undefined
      ? []
      : describeDiffering(ats, running, ['outgoing_secret']).map((text) => `${text}.`);
  };
}
