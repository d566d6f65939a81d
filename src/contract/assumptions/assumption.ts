import type { AssumptionUse } from '../control/assumptions.ts';

/** An entry of the catalogue: what `carvos assumptions` shows of it besides its use. */
export type Assumption = Pick<
  AssumptionUse,
  'id' | 'source' | 'section' | 'what' | 'where' | 'why' | 'check'
> & { observable?: false };
