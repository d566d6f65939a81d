import { NUMBERS } from './numbers.ts';
import type { MessageVariant, Mistake } from './types.ts';

/** Seconds around `t` that are tried one by one, the nearest of them and whole zones before. */
const NEARBY_SECONDS = 600;
const NEAREST_SECONDS = 10;
const QUARTER_HOUR = 900;
/** Farthest that a wrong time zone can be off, with daylight saving: 14 hours. */
export const FARTHEST_ZONE = 14 * 3600;

const SEPARATORS = ['', ...':\n-_|, ;/', '. ', '\r\n', ...'\t+&', '..', '\\n'];

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
  const between = (separator: string) =>
    separator === '' ? 'nothing between them' : `${JSON.stringify(separator)} between them`;
  const given = (text: string | null, but?: string) => (text === null || text === but ? [] : [text]);
  const double = NUMBERS.javaDouble(t);
  const inBody = 'the timestamp that stands in the body, instead of t';
  // biome-ignore format: a table, siblings on a line
  return [
    bare, ...otherUnits(t), ...given(bodyTime, t).map((timestamp) => at(timestamp, 'timestamp_other', inBody, { timestamp })),
    ...SEPARATORS.map((text) => other(`t and the body with ${between(text)}`, t + text)), other('the body before t', '', t),
    ...['.', ...SEPARATORS].map((text) => other(`the body before t with ${between(text)}`, '', text + t)), other('"t=" and t, a dot, the body', `t=${t}.`),
    other('"t=" and t, a comma, the body', `t=${t},`), other('"v1.", t, a dot, the body', `v1.${t}.`), other('"v1:", t, a colon, the body', `v1:${t}:`),
    other('"v0:", t, a colon, the body, as Slack does', `v0:${t}:`), other('a dot and the body: t was empty', '.'),
    ...['undefined', 'None', 'null', 'NaN', '0', 'false', '[object Object]', 'Invalid Date'].map((one) => other(`"${one}.", and the body: t was not set, or no number`, `${one}.`)),
    ...[`"${t}"`, `'${t}'`, `b'${t}'`, `['${t}']`, `[${t}]`, `["${t}"]`].map((one) => other(`${one}, a dot, the body: t was printed`, `${one}.`)),
    other(`${double}, a dot, the body: t as Java prints a double`, `${double}.`),
    ...given(eventId).map((id) => other('event_id, t and the body, as Standard Webhooks does', `${id}.${t}.`)),
  ];
}

/** What `t` is in where it is not in whole seconds. */
// biome-ignore format: a table, siblings on a line
const UNITS = [
  { unit: 'milliseconds', perSecond: 1e3, pattern: /^[0-9]{13}$/, words: 'milliseconds' }, { unit: 'microseconds', perSecond: 1e6, pattern: /^[0-9]{16}$/, words: 'microseconds' },
  { unit: 'nanoseconds', perSecond: 1e9, pattern: /^[0-9]{19}$/, words: 'nanoseconds' },
  { unit: 'fraction', perSecond: 1, pattern: /^[0-9]{1,16}\.[0-9]{1,9}$/, words: 'seconds with a fraction' },
  { unit: 'date', perSecond: 1e3, pattern: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/, words: 'a date' },
];
const SECONDS = { unit: null, perSecond: 1, pattern: /^[0-9]{1,20}$/, words: 'seconds' };
const unitOf = (t: string) => UNITS.find(({ pattern }) => pattern.test(t)) ?? SECONDS;

/** Tolerant: what `t` would be in seconds, whatever its unit; `null` where it is no time. */
export function secondsOf(t: string): number | null {
  const { unit, perSecond, pattern } = unitOf(t);
  const value = pattern.test(t) ? (unit === 'date' ? Date.parse(t) : Number(t)) : Number.NaN;
  return Number.isNaN(value) ? null : value / perSecond;
}

const unitCode = (...units: (string | null)[]) =>
  units.includes('milliseconds') ? 'timestamp_milliseconds' : 'timestamp_unit';

/** The mistake of a `t` that is in another unit in the header already; none for whole seconds. */
export function unitMistake(t: string): Mistake[] {
  const { unit, words } = unitOf(t);
  if (unit === null) return [];
  const what = `t=${t}, ${words}, both in the header and in what was hashed`;
  return [{ code: unitCode(unit), what, details: { unit, timestamp: t } }];
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
    ...UNITS.slice(0, 3).flatMap(({ unit, perSecond }): [string, string][] => [
      [unit, String(BigInt(whole) * BigInt(perSecond))],
      // What the header's own digits say, as far as a number holds them.
      [unit, perSecond > 1e6 ? t : String(Math.floor(Number((moment * perSecond).toFixed(3))))],
    ]),
    ['seconds with a fraction', `${whole}.0`],
  ];
  if (iso !== null) {
    for (const end of ['Z', '.000Z', '+00:00', '']) forms.push(['ISO 8601', iso + end]);
    forms.push(['a date and a time', iso.replace('T', ' ')], ['the form of HTTP', date.toUTCString()]);
  }
  return [...new Map(forms.map(([unit, text]) => [text, unit]))]
    .filter(([text]) => text !== t)
    .map(([text, unit]) => {
      const what = `t as ${text}, in ${unit}, while the header has ${given.words}`;
      return at(text, unitCode(unit, given.unit), what, { timestamp: text, unit });
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
    yield at(timestamp, 'timestamp_milliseconds', what, { timestamp });
    const fraction = String(timestamp / 1000);
    yield at(fraction, 'timestamp_unit', 't with a fraction, while the header has whole seconds', {
      timestamp: fraction,
    });
  }
}

const isSeconds = (t: string) => /^[0-9]{1,12}$/.test(t);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_none, at) => from + at);

function* apart(t: string | null, now: number, distances: readonly number[]): Generator<MessageVariant> {
  const base = t !== null && isSeconds(t) ? Number(t) : now;
  for (const distance of distances) {
    for (const value of new Set([base - distance, base + distance, now - distance, now + distance])) {
      if (value < 0 || String(value) === t) continue;
      const off = value - base;
      const apart = `is ${Math.abs(off)} s ${off < 0 ? 'before' : 'after'} the t of the header`;
      const what = `t=${value}, which ${t !== null && isSeconds(t) ? apart : 'the header does not have'}`;
      yield at(value, 'timestamp_other', what, { timestamp: value, offset_seconds: off });
    }
  }
}

const around = (before: string, after: string, mistake: Mistake) => ({ before, after, mistakes: [mistake] });
const at = (t: string | number, code: Mistake['code'], what: string, details: Mistake['details']) =>
  around(`${t}.`, '', { code, what, details });
