import type { MessageVariant, Mistake } from './types.ts';

/** Seconds around `t` that are tried one by one, the nearest of them and whole zones before. */
const NEARBY_SECONDS = 600;
const NEAREST_SECONDS = 10;
const QUARTER_HOUR = 900;
const FARTHEST_ZONE = 14 * 3600;

const SEPARATORS: [text: string, what: string][] = [
  ['', 'nothing'],
  [':', 'a colon'],
  ['\n', 'a line feed'],
  ['-', 'a hyphen'],
  ['_', 'an underscore'],
  ['|', '|'],
  [',', 'a comma'],
  [' ', 'a space'],
  [';', 'a semicolon'],
  ['/', 'a slash'],
  ['. ', 'a dot and a space'],
  ['\r\n', 'CR LF'],
  ['\t', 'a tab'],
  ['+', '+'],
  ['&', '&'],
  ['..', 'two dots'],
];

/** How many of them are so usual that they come before other searches. */
export const USUAL_MESSAGES = 20;

/** What may have been hashed around the body instead of `{t}.`; one mistake each, likeliest first. */
export function messageVariants(
  t: string | null,
  eventId: string | null,
  bodyTime: string | null,
): MessageVariant[] {
  const bare = around('', '', { code: 'no_timestamp', what: 'only the body, without t and the dot' });
  if (t === null) return [bare];
  const other = (what: string, before: string, after = '') =>
    around(before, after, { code: 'separator', what });
  const before: [text: string, what: string][] = [
    [`t=${t}.`, '"t=" and t, a dot, the body'],
    [`t=${t},`, '"t=" and t, a comma, the body'],
    [`v1.${t}.`, '"v1.", t, a dot, the body'],
    [`v1:${t}:`, '"v1:", t, a colon, the body'],
    [`v0:${t}:`, '"v0:", t, a colon, the body, as Slack does'],
    ['.', 'a dot and the body: t was empty'],
    ...['undefined', 'None', 'null'].map((text): [string, string] => [
      `${text}.`,
      `"${text}.", and the body: t was not set`,
    ]),
    [`"${t}".`, 't in quotes, a dot, the body'],
    [`b'${t}'.`, "Python's b'…' of t, a dot, the body"],
  ];
  if (eventId !== null)
    before.push([`${eventId}.${t}.`, 'event_id, t and the body, as Standard Webhooks does']);
  const inBody = 'the timestamp that stands in the body, instead of t';
  return [
    bare,
    ...otherUnits(t),
    ...(bodyTime === null || bodyTime === t
      ? []
      : [at(bodyTime, 'timestamp_other', inBody, { timestamp: bodyTime })]),
    ...SEPARATORS.map(([text, what]) => other(`t and the body with ${what} between them`, t + text)),
    other('the body before t', '', t),
    ...[['.', 'a dot'] as const, ...SEPARATORS].map(([text, what]) =>
      other(`the body before t with ${what} between them`, '', text + t),
    ),
    ...before.map(([text, what]) => other(what, text)),
  ];
}

const PER_SECOND = { milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 } as const;
/** What `t` is in where it is not in seconds. */
const UNITS = [
  ['milliseconds', /^[0-9]{13}$/, 'milliseconds'],
  ['microseconds', /^[0-9]{16}$/, 'microseconds'],
  ['nanoseconds', /^[0-9]{19}$/, 'nanoseconds'],
  ['fraction', /^[0-9]{1,16}\.[0-9]{1,9}$/, 'seconds with a fraction'],
  ['date', /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/, 'a date'],
] as const;

function unitOf(t: string) {
  const [unit, , words] = UNITS.find(([, pattern]) => pattern.test(t)) ?? [null, null, 'seconds'];
  return { unit, words };
}

/** Tolerant: what `t` would be in seconds, whatever its unit; `null` where it is no time. */
export function secondsOf(t: string): number | null {
  const { unit } = unitOf(t);
  if (unit === 'date') return Number.isNaN(Date.parse(t)) ? null : Date.parse(t) / 1000;
  if (!/^[0-9]{1,20}(\.[0-9]{1,9})?$/.test(t)) return null;
  return Number(t) / (unit === null || unit === 'fraction' ? 1 : PER_SECOND[unit]);
}

const isMilliseconds = (unit: string | null) => unit === 'milliseconds';
const unitCode = (one: boolean) => (one ? 'timestamp_milliseconds' : 'timestamp_unit');

/** The mistake of a `t` that is in another unit in the header already; none for whole seconds. */
export function unitMistake(t: string): Mistake[] {
  const { unit, words } = unitOf(t);
  if (unit === null) return [];
  const what = `t=${t}, ${words}, both in the header and in what was hashed`;
  return [{ code: unitCode(isMilliseconds(unit)), what, details: { unit, timestamp: t } }];
}

/** The same moment in other units than the header's. */
function otherUnits(t: string): MessageVariant[] {
  const moment = secondsOf(t);
  if (moment === null) return [];
  const whole = Math.floor(moment);
  const given = unitOf(t);
  const date = new Date(whole * 1000);
  const iso = Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 19);
  const forms: [unit: string, text: string][] = [
    ['seconds', String(whole)],
    ['seconds', String(Math.round(moment))],
    ...Object.entries(PER_SECOND).flatMap(([unit, factor]): [string, string][] => [
      [unit, String(BigInt(whole) * BigInt(factor))],
      // What the header's own digits say, as far as a number holds them.
      [unit, factor > 1e6 ? t : String(Math.floor(Number((moment * factor).toFixed(3))))],
    ]),
    ['seconds with a fraction', `${whole}.0`],
    ...['Z', '.000Z', '+00:00', ''].map((end): [string, string] => [
      'ISO 8601',
      iso === null ? t : iso + end,
    ]),
    ['a date and a time', iso?.replace('T', ' ') ?? t],
    ['the form of HTTP', iso === null ? t : date.toUTCString()],
  ];
  return [...new Map(forms.map(([unit, text]) => [text, unit]))]
    .filter(([text]) => text !== t)
    .map(([text, unit]) => {
      const code = unitCode(isMilliseconds(unit) || isMilliseconds(given.unit));
      const what = `t as ${text}, in ${unit}, while the header has ${given.words}`;
      return at(text, code, what, { timestamp: text, unit });
    });
}

/** Another `t`: a few seconds off, or by a time zone, from the header's or from now. */
export function nearTimestamps(t: string | null, now: number): Iterable<MessageVariant> {
  const zones = range(1, FARTHEST_ZONE / QUARTER_HOUR).map((quarters) => quarters * QUARTER_HOUR);
  return apart(t, now, [...range(1, NEAREST_SECONDS), 0, ...zones]);
}

/** The same, then those farther off one by one, then milliseconds. Many, so they come late. */
export function* otherTimestamps(t: string | null, now: number): Generator<MessageVariant> {
  yield* nearTimestamps(t, now);
  yield* apart(t, now, range(NEAREST_SECONDS + 1, NEARBY_SECONDS));
  if (t === null || !isSeconds(t)) return;
  for (const ms of range(1, 999)) {
    const timestamp = Number(t) * 1000 + ms;
    const what = 't in milliseconds, while the header has seconds';
    yield at(String(timestamp), 'timestamp_milliseconds', what, { timestamp });
  }
}

const isSeconds = (t: string) => /^[0-9]{1,12}$/.test(t);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_none, at) => from + at);

function* apart(t: string | null, now: number, distances: readonly number[]): Generator<MessageVariant> {
  const base = t !== null && isSeconds(t) ? Number(t) : now;
  for (const distance of distances) {
    const values = [base, now].flatMap((origin) => [origin - distance, origin + distance]);
    for (const value of new Set(values)) {
      if (value < 0 || String(value) === t) continue;
      const off = value - base;
      const what =
        t === null
          ? `t=${value}, which the header does not have`
          : `t=${value}, which is ${Math.abs(off)} s ${off < 0 ? 'before' : 'after'} the t of the header`;
      yield at(String(value), 'timestamp_other', what, { timestamp: value, offset_seconds: off });
    }
  }
}

function around(before: string, after: string, mistake: Mistake): MessageVariant {
  return { before, after, mistakes: [mistake] };
}

function at(t: string, code: Mistake['code'], what: string, details: Mistake['details']): MessageVariant {
  return around(`${t}.`, '', { code, what, details });
}
