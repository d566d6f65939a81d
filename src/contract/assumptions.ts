import type { Assumption, CatalogueEntry } from './assumptions/assumption.ts';
import { INCOMING_ASSUMPTIONS } from './assumptions/incoming.ts';
import { OUTGOING_ASSUMPTIONS } from './assumptions/outgoing.ts';
import { PORTAL_ASSUMPTIONS } from './assumptions/portal.ts';
import { REST_ASSUMPTIONS } from './assumptions/rest.ts';

const inSection = <E extends CatalogueEntry>(usual: number, entries: readonly E[]) =>
  entries.map(
    ({ id, source = 'emu', section = usual, ...rest }: CatalogueEntry) =>
      ({ id, source, section, ...rest }) as Assumption & { id: E['id'] },
  );

/**
 * What the emulator does without CarvOS's readable documentation saying so. The one catalogue:
 * docs/fidelity.md is generated from it, and a running emulator notes which entries its traffic relied on.
 * Ids are stable; they appear in output that scripts read. In order of the contract's sections.
 */
export const ASSUMPTIONS = [
  ...inSection(3, INCOMING_ASSUMPTIONS),
  ...inSection(4, REST_ASSUMPTIONS),
  ...inSection(5, OUTGOING_ASSUMPTIONS),
  ...inSection(7, PORTAL_ASSUMPTIONS),
] as const;

export type AssumptionId = (typeof ASSUMPTIONS)[number]['id'];
