import { fingerprint } from '../../signing/fingerprint.ts';
import type { AtsConfig } from './ats.ts';

/** The fingerprints of an ATS's credentials in a gateway, as its status has them. */
export interface RunningCredentials {
  api_key_fingerprint: string | null;
  incoming_secret_fingerprint: string | null;
  outgoing_secret_fingerprint: string | null;
}

export type CredentialKind = 'api_key' | 'incoming_secret' | 'outgoing_secret';

const FIELDS = {
  api_key: ['apiKey', 'API key'],
  incoming_secret: ['incomingSecret', 'incoming secret'],
  outgoing_secret: ['outgoingSecret', 'outgoing secret'],
} as const;

/**
 * Credentials that a gateway has otherwise than the configuration: rotated there, or set here since it started.
 *
 * @returns a sentence for each, with fingerprints only.
 */
export function describeDiffering(
  ats: AtsConfig,
  running: RunningCredentials,
  kinds: readonly CredentialKind[] = ['api_key', 'incoming_secret', 'outgoing_secret'],
): string[] {
  return kinds.flatMap((kind) => {
    const [field, label] = FIELDS[kind];
    const { value, origin } = ats[field];
    if (value === null) return [];
    const ours = fingerprint(value);
    const theirs = running[`${kind}_fingerprint`];
    if (theirs === null || ours === theirs) return [];
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
    const running = {
      api_key_fingerprint: null,
      incoming_secret_fingerprint: null,
      outgoing_secret_fingerprint: secret,
    };
    return ats === undefined
      ? []
      : describeDiffering(ats, running, ['outgoing_secret']).map((text) => `${text}.`);
  };
}
