import type { AssumptionUse } from '../control/assumptions.ts';

/** An entry of the catalogue: what `carvos assumptions` shows of it besides its use. */
export type Assumption = Pick<
  AssumptionUse,
  'id' | 'source' | 'section' | 'what' | 'where' | 'why' | 'check'
> & { observable?: false };

/** As it is written down: our own decision, and of the file's section, where it says nothing else. */
export type CatalogueEntry = Omit<Assumption, 'source' | 'section'> &
  Partial<Pick<Assumption, 'source' | 'section'>>;
