import type { Facts } from '../../contract/facts/facts.ts';
import type { NoteAssumption } from '../assumptions/notes.ts';
import type { AtsRegistry } from '../ats/registry.ts';
import type { Faults } from '../faults/faults.ts';
import type { Acceptor } from '../incoming/accept.ts';
import type { Store } from '../store/store.ts';

/** What takes webhooks works on. */
export interface IngressParts {
  registry: AtsRegistry;
  acceptor: Acceptor;
  faults: Faults;
  note: NoteAssumption;
}

/** What the REST API works on. */
export interface RestParts extends IngressParts {
  store: Store;
  facts(): Facts | undefined;
  /** Told of each upload that is stored. */
  tell(text: string): void;
  /** Called with each upload; what it returns, when nothing of it touches the database any more. */
  enter(): () => void;
}
