import type { MessageVariant, Mistake } from './types.ts';

/** Seconds around `t` that are tried one by one. */
const NEARBY_SECONDS = 600;
const QUARTER_HOUR = 900;

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
  const variants: MessageVariant[] = [
    around('', '', { code: 'no_timestamp', what: 'only the body, without t and the dot' }),
  ];
  if (t === null) return variants;
  const seconds = secondsOf(t);
  if (seconds !== null) variants.push(...otherUnits(t, seconds));
  if (bodyTime !== null && bodyTime !== t)
    variants.push(
      at(bodyTime, 'timestamp_other', 'the timestamp that stands in the body, instead of t', {
        timestamp: bodyTime,
      }),
    );
  for (const [text, what] of SEPARATORS) {
    variants.push(
      around(t + text, '', { code: 'separator', what: `t and the body with ${what} between them` }),
    );
  }
  for (const [text, what] of [['.', 'a dot'], ...SEPARATORS] as const) {
    const between = text === '.' ? '' : ` with ${what} between them`;
    variants.push(around('', text + t, { code: 'separator', what: `the body before t${between}` }));
  }
  const others: [string, string, string][] = [
    [`t=${t}.`, '', '"t=" and t, a dot, the body'],
    [`t=${t},`, '', '"t=" and t, a comma, the body'],
    [`v1.${t}.`, '', '"v1.", t, a dot, the body'],
    [`v1:${t}:`, '', '"v1:", t, a colon, the body'],
    [`v0:${t}:`, '', '"v0:", t, a colon, the body, as Slack does'],
    [`.`, '', 'a dot and the body: t was empty'],
    ['undefined.', '', '"undefined.", and the body: t was not set'],
    ['None.', '', '"None.", and the body: t was not set'],
    ['null.', '', '"null.", and the body: t was not set'],
    [`"${t}".`, '', 't in quotes, a dot, the body'],
    [`b'${t}'.`, '', "Python's b'…' of t, a dot, the body"],
  ];
  if (eventId !== null)
    others.push([`${eventId}.${t}.`, '', 'event_id, t and the body, as Standard Webhooks does']);
  for (const [before, after, what] of others)
    variants.push(around(before, after, { code: 'separator', what }));

  return variants;
}

/** Tolerant: what `t` would be in seconds, whatever its unit; `null` where it is no time. */
export function secondsOf(t: string): number | null {
  const unit = unitOf(t);
  if (unit === 'date') return Date.parse(t) / 1000;
  if (!/^[0-9]{1,20}(\.[0-9]{1,9})?$/.test(t)) return null;
  return Number(t) / (unit === null || unit === 'fraction' ? 1 : PER_SECOND[unit]);
}

const PER_SECOND = { milliseconds: 1e3, microseconds: 1e6, nanoseconds: 1e9 } as const;

/** In which unit `t` is, if not in whole seconds. */
export function unitOf(t: string): keyof typeof PER_SECOND | 'fraction' | 'date' | null {
  if (/^[0-9]{13}$/.test(t)) return 'milliseconds';
  if (/^[0-9]{16}$/.test(t)) return 'microseconds';
  if (/^[0-9]{19}$/.test(t)) return 'nanoseconds';
  if (/^[0-9]{1,16}\.[0-9]{1,9}$/.test(t)) return 'fraction';
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}T/.test(t) && !Number.isNaN(Date.parse(t)) ? 'date' : null;
}

/** The mistake of a `t` that is in another unit in the header already; `null` for whole seconds. */
export function unitMistake(t: string): Mistake | null {
  const unit = unitOf(t);
  if (unit === null) return null;
  const words = { fraction: 'seconds with a fraction', date: 'a date' }[unit as string] ?? unit;
  return {
    code: unit === 'milliseconds' ? 'timestamp_milliseconds' : 'timestamp_unit',
    what: `t=${t}, ${words}, both in the header and in what was hashed`,
    details: { unit, timestamp: t },
  };
}

/** The same moment in other units than the header's. */
function otherUnits(t: string, moment: number): MessageVariant[] {
  const whole = Math.floor(moment);
  const variants: MessageVariant[] = [];
  const given = unitOf(t) ?? 'seconds';
  const add = (text: string, unit: string) => {
    if (text === t) return;
    const code =
      unit === 'milliseconds' || given === 'milliseconds' ? 'timestamp_milliseconds' : 'timestamp_unit';
    const header = given === 'date' ? 'a date' : given === 'fraction' ? 'a fraction' : given;
    const what = `t as ${text}, in ${unit}, while the header has ${header}`;
    variants.push(at(text, code, what, { timestamp: text, unit }));
  };
  const iso = new Date(whole * 1000);
  add(String(whole), 'seconds');
  add(String(Math.round(moment)), 'seconds');
  for (const [unit, factor] of Object.entries(PER_SECOND)) {
    add(String(BigInt(whole) * BigInt(factor)), unit);
    if (given !== 'seconds' && factor <= 1e6)
      add(String(Math.floor(Number((moment * factor).toFixed(3)))), unit);
  }
  add(`${whole}.0`, 'seconds with a fraction');
  if (Number.isNaN(iso.getTime())) return variants;
  const text = iso.toISOString();
  add(text.replace('.000Z', 'Z'), 'ISO 8601');
  add(text, 'ISO 8601');
  add(text.replace('.000Z', '+00:00'), 'ISO 8601');
  add(text.slice(0, 19), 'ISO 8601');
  add(text.slice(0, 19).replace('T', ' '), 'a date and a time');
  add(iso.toUTCString(), 'the form of HTTP');
  return variants;
}

/** Another `t`: a few seconds off, or by a time zone, from the header's or from now. */
export function* nearTimestamps(t: string | null, now: number): Generator<MessageVariant> {
  const { base, origins } = originsOf(t, now);
  for (let distance = 1; distance <= 10; distance++) yield* apart(base ?? now, origins, distance, t);
  yield* apart(base ?? now, origins, 0, t);
  for (let quarters = 1; quarters <= 14 * 4; quarters++)
    yield* apart(base ?? now, origins, quarters * QUARTER_HOUR, t);
}

/** The same, then those farther off one by one, then milliseconds. Many, so they come late. */
export function* otherTimestamps(t: string | null, now: number): Generator<MessageVariant> {
  yield* nearTimestamps(t, now);
  const { base, origins } = originsOf(t, now);
  for (let distance = 11; distance <= NEARBY_SECONDS; distance++)
    yield* apart(base ?? now, origins, distance, t);
  if (base === null) return;
  for (let ms = 1; ms < 1000; ms++) {
    const timestamp = base * 1000 + ms;
    const what = 't in milliseconds, while the header has seconds';
    yield at(String(timestamp), 'timestamp_milliseconds', what, { timestamp });
  }
}

function originsOf(t: string | null, now: number): { base: number | null; origins: number[] } {
  const base = t !== null && /^[0-9]{1,12}$/.test(t) ? Number(t) : null;
  return { base, origins: [...new Set([base, now])].filter((origin) => origin !== null) };
}

function* apart(
  from: number,
  origins: readonly number[],
  distance: number,
  t: string | null,
): Generator<MessageVariant> {
  for (const value of new Set(origins.flatMap((origin) => [origin - distance, origin + distance]))) {
    if (value < 0 || String(value) === t) continue;
    const off = value - from;
    const what =
      t === null
        ? `t=${value}, which the header does not have`
        : `t=${value}, which is ${Math.abs(off)} s ${off < 0 ? 'before' : 'after'} the t of the header`;
    yield at(String(value), 'timestamp_other', what, { timestamp: value, offset_seconds: off });
  }
}

function around(before: string, after: string, mistake: Mistake): MessageVariant {
  return { before, after, mistakes: [mistake] };
}

function at(t: string, code: Mistake['code'], what: string, details: Mistake['details']): MessageVariant {
  return around(`${t}.`, '', { code, what, details });
}
