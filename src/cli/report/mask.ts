import { isLosslessNumber, parseJson, stringifyJson } from '../../contract/json.ts';

/**
 * Fields that say nothing about a person. Everything else is masked: what an ATS adds to a body cannot
 * be known, so a list of what to hide would have holes.
 */
const HARMLESS = new Set([
  'event',
  'event_id',
  'reference_id',
  'client_id',
  'candidate_id',
  'vacancy_id',
  'application_id',
  'meeting_id',
  'carv_file_id',
  'timestamp',
  'status',
  'code',
  'stage',
  'applied_at',
  'employment_type',
  'type',
  'loc',
]);
/** Numbers that may stay; others can be a telephone number or a date of birth. */
const HARMLESS_NUMBERS = new Set(['score', 'loc']);
/** Sentences of programs: kept, without what looks personal in them. */
const SENTENCES = new Set(['message', 'detail', 'msg', 'error', 'reason']);
const NAMES = new Set(['first_name', 'last_name', 'name', 'full_name', 'admin_name']);

/** What an address can be a part of. Cut up first: a pattern for all of it takes minutes on a long text without one. */
const WORD = /[^\s"'<>(),;:]+/g;
const HAS_ADDRESS = /[^@]@[^@]/;
// Not an IPv4 address, which messages name.
const PHONE = /(?<![\w.-])(?!\d{1,3}(?:\.\d{1,3}){3}(?![\d.]))\+?\(?\d(?:[\s().-]?\d){7,14}(?![\w-])/g;

/** A whole word, or another character: where a name can begin. */
const START = /(?<![\p{L}\p{N}])[\p{L}\p{N}]+|[^\p{L}\p{N}]/u;

/** Hides personal data in bodies; names found in one body are hidden in the texts of all. */
export function createMasker() {
  /** In lower case. */
  const names = new Set<string>();
  /** By their first word, how long they are: each text would otherwise be searched for each name of a stranger's body. */
  const lengths = new Map<string, Set<number>>();

  /** A text without addresses, telephone numbers and known names. */
  const text = (value: string): string => hideNames(hideAddresses(value).replace(PHONE, '[phone]'));

  function hideNames(value: string): string {
    const starts = new RegExp(START, 'gu');
    let masked = '';
    let from = 0;
    for (let start = starts.exec(value); start !== null; start = starts.exec(value)) {
      const { index } = start;
      // The longest first: a full name before its parts.
      const possible = [...(lengths.get(start[0].toLowerCase()) ?? [])].sort((a, b) => b - a);
      const length = possible.find((one) => isName(value, index, index + one));
      if (length === undefined) continue;
      masked += `${value.slice(from, index)}[name]`;
      from = index + length;
      starts.lastIndex = from;
    }
    return masked + value.slice(from);
  }

  /** Whether a name stands there, and no more of its last word. */
  function isName(text: string, from: number, to: number): boolean {
    return names.has(text.slice(from, to).toLowerCase()) && !/^[\p{L}\p{N}]/u.test(text.slice(to, to + 2));
  }

  function learnName(name: string): void {
    const first = new RegExp(START, 'u').exec(name)?.[0].toLowerCase();
    // A single letter would hide half of every text.
    if (first === undefined || name.length < 2) return;
    names.add(name.toLowerCase());
    const several = lengths.get(first) ?? new Set();
    lengths.set(first, several.add(name.length));
  }

  function value(one: unknown, key: string): unknown {
    if (Array.isArray(one)) return one.map((item) => value(item, key));
    if (typeof one === 'string') {
      if (HARMLESS.has(key)) return hideAddresses(one);
      if (SENTENCES.has(key)) return text(one);
      return one === '' ? one : `[masked, ${[...one].length} characters]`;
    }
    if (typeof one === 'number') return HARMLESS_NUMBERS.has(key) ? one : '[masked number]';
    if (typeof one !== 'object' || one === null) return one;
    if (isLosslessNumber(one)) return '[masked number]';
    return Object.fromEntries(Object.entries(one).map(([name, item]) => [text(name), value(item, name)]));
  }

  function learnFrom(one: unknown): void {
    if (typeof one !== 'object' || one === null) return;
    for (const [key, item] of Object.entries(one)) {
      if (NAMES.has(key) && typeof item === 'string') learnName(item.trim());
      learnFrom(item);
    }
  }

  return {
    text,
    /** An identifier, which stays what it is, but for addresses: some systems use one. */
    id: hideAddresses,
    /** Notes the names in a body. */
    learn(body: Uint8Array): void {
      const parsed = parseJson(body);
      if (parsed.ok) learnFrom(parsed.value);
    },
    /** A JSON body with values masked, indented; another one as text without what looks personal. */
    body(bytes: Uint8Array): string {
      const parsed = parseJson(bytes);
      if (parsed.ok && typeof parsed.value === 'object') return stringifyJson(value(parsed.value, ''), 2);
      return text(Buffer.from(bytes).toString('utf8'));
    },
  };
}

function hideAddresses(text: string): string {
  if (!text.includes('@')) return text;
  return text.replace(WORD, (word) => (HAS_ADDRESS.test(word) ? '[e-mail]' : word));
}
