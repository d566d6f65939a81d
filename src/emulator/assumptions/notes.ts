import { clearInterval, setInterval } from 'node:timers';
import { ASSUMPTIONS, type AssumptionId } from '../../contract/assumptions.ts';
import type { AssumptionList, AssumptionUse } from '../../contract/control.ts';
import { describeFacts } from '../../contract/facts/describe-facts.ts';
import type { Facts } from '../../contract/facts/facts.ts';
import { OUTPUT_VERSION } from '../../contract/version.ts';
import { type AssumptionUseRow, listAssumptionUses, putAssumptionUse } from '../store/assumptions.ts';
import type { Store } from '../store/store.ts';
import { iso, wallNow } from '../time/wall.ts';

/** Says that a request relied on an assumption. `sample`: where to look at it. */
export type NoteAssumption = (id: AssumptionId, sample?: string | null) => void;

/**
 * Which assumptions the traffic relied on. Counted in memory, because every request asks; written down
 * once a second and at the end, so a kill loses at most a second of counting.
 */
export type AssumptionNotes = ReturnType<typeof createAssumptionNotes>;

const WRITE_EVERY_MS = 1000;

/** @param facts what replaces assumptions. */
export function createAssumptionNotes(
  store: Store,
  onError: (error: unknown) => void,
  facts: () => Facts | undefined = () => undefined,
) {
  let uses = load(store);
  const changed = new Set<AssumptionUseRow>();
  let writing = false;
  const write = async (): Promise<void> => {
    const written = [...changed];
    changed.clear();
    try {
      await store.group.submit(() => {
        for (const use of written) putAssumptionUse(store, use);
      });
    } catch (error) {
      for (const use of written) if (uses.get(use.id) === use) changed.add(use);
      throw error;
    }
  };
  const timer = setInterval(() => {
    if (changed.size === 0 || writing) return;
    writing = true;
    write()
      .catch(onError)
      .finally(() => {
        writing = false;
      });
  }, WRITE_EVERY_MS);
  timer.unref();

  const list = (all = false) => {
    const described = describeFacts(facts());
    const isListed = (id: string) =>
      all || uses.has(id) || described.some(({ assumption }) => assumption === id);
    const factOf = (id: string) =>
      described
        .filter(({ assumption }) => assumption === id)
        .map(({ fact }) => fact)
        .join('; ') || null;
    return ASSUMPTIONS.filter(({ id }) => isListed(id)).map((one) => ({
      ...viewUse(one, uses.get(one.id)),
      fact: factOf(one.id),
    }));
  };
  return {
    note(id: AssumptionId, sample: string | null = null): void {
      const now = wallNow();
      let use = uses.get(id);
      if (!use) {
        use = { id, count: 0, first_at: now, last_at: now, sample };
        uses.set(id, use);
      }
      use.count++;
      use.last_at = now;
      use.sample ??= sample;
      changed.add(use);
    },
    /** Those relied on, in order of the contract's sections; with `all` the whole catalogue. */
    list,
    /** The list as the control API has it. */
    view(all: boolean = false): AssumptionList {
      return { version: OUTPUT_VERSION, total: ASSUMPTIONS.length, relied_on: uses.size, items: list(all) };
    },
    /** Writes down what changed since it was last written down; what cannot be written is the next time. */
    write,
    /** Begins again with what the database says: it was replaced. @returns what brings back what was known before. */
    reload(): () => void {
      const before = { uses, changed: [...changed] };
      changed.clear();
      uses = load(store);
      return () => {
        uses = before.uses;
        changed.clear();
        for (const use of before.changed) changed.add(use);
      };
    },
    stop(): void {
      clearInterval(timer);
    },
  };
}

/** What another version knew and this one does not is passed over. */
function load(store: Store): Map<string, AssumptionUseRow> {
  const known = new Set<string>(ASSUMPTIONS.map(({ id }) => id));
  const rows = listAssumptionUses(store).filter(({ id }) => known.has(id));
  return new Map(rows.map((row) => [row.id, row]));
}

function viewUse(
  one: (typeof ASSUMPTIONS)[number],
  use: AssumptionUseRow | undefined,
): Omit<AssumptionUse, 'fact'> {
  return {
    ...one,
    observable: one.observable ?? true,
    count: use?.count ?? 0,
    first_at: use ? iso(use.first_at) : null,
    last_at: use ? iso(use.last_at) : null,
    sample: use?.sample ?? null,
  };
}
