import type { Assumption } from './assumptions/assumption.ts';
import { INCOMING_ASSUMPTIONS } from './assumptions/incoming.ts';
import { OUTGOING_ASSUMPTIONS } from './assumptions/outgoing.ts';
import { PORTAL_ASSUMPTIONS } from './assumptions/portal.ts';
import { REST_ASSUMPTIONS } from './assumptions/rest.ts';

/**
 * What the emulator does without CarvOS's readable documentation saying so. The one catalogue:
 * docs/fidelity.md is generated from it, and a running emulator notes which entries its traffic relied on.
 * Ids are stable; they appear in output that scripts read.
 */
const CATALOGUE = [
  ...INCOMING_ASSUMPTIONS,
  ...REST_ASSUMPTIONS,
  ...OUTGOING_ASSUMPTIONS,
  ...PORTAL_ASSUMPTIONS,
] as const;

export type AssumptionId = (typeof CATALOGUE)[number]['id'];

/** Every assumption, in order of the contract's sections. */
export const ASSUMPTIONS: readonly (Assumption & { id: AssumptionId })[] = CATALOGUE;
