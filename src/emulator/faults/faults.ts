import { FaultRule, type FaultRuleInput } from '../../contract/fault-rule.ts';
import type { FaultView } from '../../contract/fault-view.ts';
import {
  DEFAULT_FAULT_DELAY_MS,
  DEFAULT_RETRY_AFTER_S,
  DELAY_KINDS,
  type FaultKindAt,
  type FaultPoint,
} from '../../contract/faults.ts';
import { deleteFault, insertFault, listFaults, setFaultApplied } from '../store/faults.ts';
import type { Store } from '../store/store.ts';
import { readStoredJson, StoredDataError } from '../store/stored-json.ts';
import { createWaits } from '../time/waits.ts';
import { decideFault, type FaultMoment, matchesFault } from './decide-fault.ts';

/** A fault that applies now, at a place where its kind can act: a rule for another is refused when it is made. */
export interface AppliedFault<P extends FaultPoint = FaultPoint> extends Omit<FaultRule, 'kind'> {
  id: string;
  kind: FaultKindAt<P>;
  delayMs: number;
  /** Seconds; `null` sends no Retry-After. */
  retryAfter: number | null;
  /** For the log. */
  reason: string;
}

/** The rules of faults on purpose, and what they decide. */
export type Faults = ReturnType<typeof createFaults>;

interface ActiveRule {
  id: string;
  rule: FaultRule;
  origin: FaultView['origin'];
  applied_count: number;
  /** How often each event came in, for rules on ingress. */
  seen: Map<string, number>;
}

/** Identities that a rule counts at most; the oldest are forgotten. */
const MAX_SEEN = 100_000;

/** @param seed read at every decision, so that a reload can change it. */
export function createFaults(store: Store, seed: () => number, onError: (error: unknown) => void) {
  const load = (): ActiveRule[] =>
    listFaults(store).map(({ id, rule, applied_count }) =>
      activate(id, readRule(id, rule), 'control', applied_count),
    );
  let control = load();
  let config: ActiveRule[] = [];
  let configText = '[]';
  const delays = createWaits();
  let stopped = false;

  const active = () => [...control, ...config];
  const isSpent = ({ rule, applied_count }: ActiveRule) =>
    rule.count !== undefined && applied_count >= rule.count;

  function apply<P extends FaultPoint>(one: ActiveRule): AppliedFault<P> {
    one.applied_count++;
    if (one.origin === 'control') {
      const { applied_count } = one;
      // Until it is written, the rule may go and another one get its id.
      const write = () => control.includes(one) && setFaultApplied(store, one.id, applied_count);
      store.group.submit(write).catch(onError);
    }
    const { rule, id } = one;
    const delayMs = rule.delay_ms ?? DEFAULT_FAULT_DELAY_MS;
    const kind = rule.kind as FaultKindAt<P>;
    return {
      ...rule,
      kind,
      id,
      delayMs,
      retryAfter: retryAfterOf(rule),
      reason: `on purpose, by the fault ${id}`,
    };
  }

  return {
    /**
     * The fault that applies to an attempt, if one does: of the first rule that matches and decides for it.
     *
     * @param moment `incomingId` is asked for only when a rule matches.
     */
    decide<P extends 'delivery' | 'ai'>({
      incomingId,
      ...moment
    }: Omit<FaultMoment, 'incomingId' | 'on'> & { on: P; incomingId(): string }): AppliedFault<P> | null {
      let known: string | undefined;
      for (const one of active()) {
        if (isSpent(one) || !matchesFault(one.rule, moment)) continue;
        known ??= incomingId();
        if (decideFault(seed(), one.id, one.rule, { ...moment, incomingId: known })) return apply(one);
      }
      return null;
    },
    /** The same for a request, whose attempts are counted here, from when the rule was made. */
    decideRequest(moment: Omit<FaultMoment, 'attempt'> & { on: 'ingress' }): AppliedFault<'ingress'> | null {
      let first: AppliedFault<'ingress'> | null = null;
      for (const one of active()) {
        if (!matchesFault(one.rule, moment)) continue;
        // Counted also where a rule before it applies: `first` is about the event's attempts, not the rule's.
        const attempt = countRequest(one, moment);
        if (first !== null || isSpent(one)) continue;
        if (decideFault(seed(), one.id, one.rule, { ...moment, attempt })) first = apply(one);
      }
      return first;
    },
    /** In the order in which they are asked. */
    list: (): FaultView[] => active().map(view),
    get seed(): number {
      return seed();
    },
    /**
     * Adds a rule and keeps it in the database. Before those of the config file.
     *
     * @returns the rule, or `null` when its id is taken.
     * @throws ZodError for a rule that makes no sense.
     */
    add(input: FaultRuleInput): FaultView | null {
      const { id: asked, ...rule } = FaultRule.parse(input);
      const id = asked ?? freeId(active());
      if (active().some((one) => one.id === id)) return null;
      const one = activate(id, rule, 'control', 0);
      store.db.transaction(() => insertFault(store, { id, rule: JSON.stringify(rule), applied_count: 0 }))();
      control = [...control, one];
      return view(one);
    },
    /** Takes one away, or all. Those of the config file come back when their text changes, or with the next start. Returns the ids. */
    clear(which?: string): string[] {
      const goes = ({ id }: ActiveRule) => which === undefined || id === which;
      const gone = active().filter(goes);
      store.db.transaction(() => {
        for (const { id } of gone) deleteFault(store, id);
      })();
      control = control.filter((one) => !goes(one));
      config = config.filter((one) => !goes(one));
      return gone.map(({ id }) => id);
    },
    /** Applies the config file's rules where they differ from those it had before. Returns whether they did. */
    applyConfig(rules: readonly FaultRuleInput[]): boolean {
      const text = JSON.stringify(rules);
      if (text === configText) return false;
      config = rules.map((input, index) => {
        const { id, ...rule } = FaultRule.parse(input);
        return activate(id ?? `config-${index + 1}`, rule, 'config', 0);
      });
      configText = text;
      return true;
    },
    /** Waits in real time; at once when the emulator stops. */
    async delay(ms: number): Promise<void> {
      if (!stopped) await delays.wait(ms);
    },
    /** Ends every delay, and delays nothing from now on. */
    stop(): void {
      stopped = true;
      delays.cutShort();
    },
    /** Begins again after `stop`. */
    start(): void {
      stopped = false;
    },
    /** Reads the rules that are kept in the database again, which was replaced. @returns what brings back those before. */
    reload(): () => void {
      const before = { control, config };
      control = load();
      config = config.map(({ id, rule }) => activate(id, rule, 'config', 0));
      return () => {
        ({ control, config } = before);
      };
    },
  };
}

function activate(
  id: string,
  rule: FaultRule,
  origin: FaultView['origin'],
  applied_count: number,
): ActiveRule {
  return { id, rule, origin, applied_count, seen: new Map() };
}

function countRequest({ seen }: ActiveRule, moment: Omit<FaultMoment, 'attempt'>): number {
  const key = JSON.stringify([moment.atsId, moment.clientId, moment.incomingId]);
  const attempt = (seen.get(key) ?? 0) + 1;
  // Taken out first, so that it becomes the youngest.
  seen.delete(key);
  seen.set(key, attempt);
  if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value!);
  return attempt;
}

/** The lowest free number: the same rules added in the same order have the same ids, and so decide the same. */
function freeId(taken: readonly ActiveRule[]): string {
  for (let number = 1; ; number++) {
    const id = `fault-${number}`;
    if (!taken.some((one) => one.id === id)) return id;
  }
}

function view({ id, rule, origin, applied_count }: ActiveRule): FaultView {
  const delays = DELAY_KINDS.includes(rule.kind);
  return {
    id,
    kind: rule.kind,
    on: rule.on,
    event: rule.event ?? null,
    client_id: rule.client_id ?? null,
    ats_id: rule.ats_id ?? null,
    share: rule.share ?? 1,
    first: rule.first ?? null,
    count: rule.count ?? null,
    delay_ms: delays ? (rule.delay_ms ?? DEFAULT_FAULT_DELAY_MS) : null,
    retry_after: retryAfterOf(rule),
    origin,
    applied_count,
    remaining: rule.count === undefined ? null : Math.max(0, rule.count - applied_count),
  };
}

function retryAfterOf({ kind, retry_after }: FaultRule): number | null {
  return retry_after ?? (kind === 'status-429' ? DEFAULT_RETRY_AFTER_S : null);
}

/** @throws StoredDataError */
function readRule(id: string, rule: string): FaultRule {
  const parsed = FaultRule.safeParse(readStoredJson(rule, `fault ${id}, rule`));
  if (parsed.success) return parsed.data;
  throw new StoredDataError(`fault ${id}, rule`, parsed.error.issues[0]?.message ?? 'it is no rule');
}
