import type { AssumptionId } from '../../contract/assumptions.ts';
import type { ErrorShape, FieldType } from '../../contract/facts/facts.ts';

/** Where something was seen. */
export interface Place {
  file: string;
  /** `entry 3`, or a JSON pointer into an OpenAPI document. */
  at: string;
}

/** One thing that facts can say. */
export type Fact =
  | { kind: 'eventHeader'; value: string }
  | { kind: 'status'; code: string; value: number }
  | { kind: 'error'; of: 'refusal' | 'validation'; value: ErrorShape }
  | { kind: 'cvField'; value: string }
  | { kind: 'score'; value: { min: number; max: number; whole: boolean } }
  | {
      kind: 'field';
      entity: 'candidate' | 'vacancy' | 'application' | 'envelope';
      name: string;
      value: FieldType;
    };

export interface Finding {
  assumption: AssumptionId;
  holds: boolean;
  place: Place;
  /** `response.status`, `request.headers`. */
  field: string;
  /** In words. */
  seen: string;
  /** What may be seen to hold at one place and not at another, as `status invalid_signature`: then no fact follows. */
  subject?: string;
  fact?: Fact;
}

export type Note = (
  assumption: AssumptionId,
  holds: boolean,
  field: string,
  seen: string,
  more?: Pick<Finding, 'subject' | 'fact'>,
) => void;

/** Something that the contract does not know. */
export interface Unknown {
  kind: 'field' | 'status' | 'header' | 'error body';
  what: string;
  place: Place;
}

export type Findings = ReturnType<typeof createFindings>;

/** More of one kind help nobody. */
const MOST = 2000;
const MOST_UNKNOWN = 200;

/** What has been found so far. Bounded: the same thing is noted once. */
export function createFindings() {
  const list = new Map<string, Finding>();
  const unknown = new Map<string, Unknown>();
  const note = (finding: Finding) => {
    const { assumption, holds, field, seen, fact } = finding;
    const key = JSON.stringify([assumption, holds, field, seen, fact]);
    if (list.size < MOST && !list.has(key)) list.set(key, finding);
  };
  return {
    /** Values of people and secrets, in lower case: no name in a facts file is one of them. */
    said: new Set<string>(),
    get list() {
      return [...list.values()];
    },
    get unknown() {
      return [...unknown.values()];
    },
    note,
    /** `note` for what is seen at one place. */
    at:
      (place: Place): Note =>
      (assumption, holds, field, seen, more) =>
        note({ assumption, holds, place, field, seen, ...more }),
    notKnown(one: Unknown): void {
      const key = `${one.kind} ${one.what}`;
      if (unknown.size < MOST_UNKNOWN && !unknown.has(key)) unknown.set(key, one);
    },
  };
}
