import type { FAULT_ROUTES } from '../../contract/control/routes/jobs.ts';
import { refused } from '../../contract/errors.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';

export function createFaultHandlers({ faults }: ControlParts): HandlersOf<typeof FAULT_ROUTES> {
  return {
    faults: () => ({ seed: faults.seed, items: faults.list() }),
    addFault({ body }) {
      const added = faults.add(body);
      if (added === null) throw refused('fault_exists', `A fault of the id ${body.id} exists`);
      return added;
    },
    clearFaults: () => ({ cleared: faults.clear() }),
    clearFault({ params }) {
      const cleared = faults.clear(params.id);
      if (cleared.length === 0) throw refused('unknown_fault', `Unknown fault ${params.id}`);
      return { cleared };
    },
  };
}
