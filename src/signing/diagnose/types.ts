import type { FindingCode } from './catalogue.ts';
import type { Framework } from './framework-labels.ts';

/** A secret that one of the sides may have used. */
export interface DiagnosisSecret {
  value: string;
  /** `expected`: what should have been used. The others are secrets that are easily taken for it. */
  role: 'expected' | 'other_direction' | 'previous';
}

/** What is known of a signature that does not verify. */
export interface DiagnoseOptions {
  /** Raw body bytes, as they were received. */
  body: Uint8Array;
  /** The value of `X-Webhook-Signature`, as it came. */
  header?: string | null;
  /**
   * What a receiver computed for a genuine signature. The header, or `timestamp`, says for which `t`;
   * the diagnosis is then about this value and not about the header's.
   */
  computed?: string;
  /** `t` in Unix seconds, for `computed` without a header. */
  timestamp?: number | string;
  /** At least one of the role `expected`. */
  secrets: readonly DiagnosisSecret[];
  /** Whose code is to be fixed: what the advice is written for. `receiver` by default. */
  side?: 'sender' | 'receiver';
  /** Unix seconds to measure the age against; the present by default. */
  now?: number;
  /** Allowed distance of `t` from `now` in seconds, inclusive; `Infinity` checks no age. */
  tolerance?: number;
  /**
   * How many combinations of mistakes to try where no single one explains the value, in steps of about a
   * kilobyte hashed; 200,000 by default. Single mistakes are always tried to the end.
   */
  budget?: number;
}

/** One mistake, proved: with it the given value was computed again, and matched. */
export interface Finding {
  code: FindingCode;
  /** What happened, in a sentence. */
  message: string;
  /** What to change. */
  fix: string;
  /** Facts for programs; never a secret. */
  details: Record<string, string | number | boolean | null>;
  /** A line of code that does it right, by framework; empty where no code would help. */
  frameworks: Partial<Record<Framework, string>>;
}

/** What the search found. It never holds a secret. */
export interface Diagnosis {
  verdict: 'valid' | 'explained' | 'unexplained';
  /** Exactly the mistakes that are needed to explain the value; empty unless `explained`. */
  findings: Finding[];
  /** What the value should be: 64 hex digits. `null` where there is no `t`. */
  expected: string | null;
  /** The value as given, whitespace trimmed. `null` where there is none. */
  given: string | null;
  /** What should be hashed: `{t}.` and the body. */
  hashed: {
    /** Its first and last bytes, with control characters and bytes beyond ASCII made visible. */
    first: string;
    last: string;
    /** Length of the body. */
    bytes: number;
    /** SHA-256 of the body, hex. */
    sha256: string;
  };
  /** Of the secret that should have been used: `sha256:` and the first 8 hex digits. */
  secret_fingerprint: string;
  /** What to check next, when nothing explains it. */
  checks: string[];
  /** How many combinations were tried, and whether these were all. */
  tried: number;
  exhaustive: boolean;
}

/** A deviation that one variant stands for. */
export interface Mistake {
  code: FindingCode;
  /** What was used instead, as the end of a sentence: "the secret with a line feed at its end". */
  what: string;
  /** What else is to be said: a sentence of its own. */
  note?: string;
  /** What to change, where the catalogue's advice is too general. */
  fix?: string;
  details?: Finding['details'];
  /** Other mistakes that come to the same bytes here: to name only the first would be a guess. */
  alike?: string[];
}

export interface KeyVariant {
  key: Buffer;
  mistakes: Mistake[];
}

/** What stands around the body in the message that is hashed. */
export interface MessageVariant {
  before: string;
  after: string;
  mistakes: Mistake[];
}

/** Other bytes than the body's, with the mistakes that make them. */
export interface BodyVariant {
  /** `null` where it cannot be made. @param isProof from the body that arrived, nothing kept of the first time. */
  make(isProof?: boolean): Uint8Array | string | null;
  mistakes: Mistake[];
}
/** A variant in a table of those with one code. */
export type Row = [what: string, make: BodyVariant['make']];

export function* variants(code: FindingCode, rows: Iterable<Row>): Generator<BodyVariant> {
  for (const [what, make] of rows) yield { make, mistakes: [{ code, what }] };
}
