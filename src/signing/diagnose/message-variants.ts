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
export const USUAL_MESSAGES = 10;

/** What may have been hashed around the body instead of `{t}.`; one mistake each, likeliest first. */
export function messageVariants(t: string | null, eventId: string | null): MessageVariant[] {
  const variants: MessageVariant[] = [
    around('', '', { code: 'no_timestamp', what: 'only the body, without t and the dot' }),
  ];
  if (t === null) return variants;
  const number = Number(t);
  if (/^[0-9]{13}$/.test(t)) {
    const seconds = String(Math.floor(number / 1000));
    variants.push(
      at(seconds, 'timestamp_milliseconds', 't in seconds, while the header has milliseconds', {
        timestamp: Number(seconds),
      }),
    );
  } else if (/^[0-9]{1,12}$/.test(t)) {
    variants.push(
      at(`${t}000`, 'timestamp_milliseconds', 't in milliseconds, while the header has seconds', {
        timestamp: number * 1000,
      }),
      at(`${t}.0`, 'timestamp_other', `t as ${t}.0, a number with a fraction`, { timestamp: `${t}.0` }),
    );
  }
  if (Number.isFinite(number) && String(Math.floor(number)) !== t && !/^[0-9]{13}$/.test(t)) {
    variants.push(
      at(String(Math.floor(number)), 'timestamp_other', `t as ${Math.floor(number)}`, {
        timestamp: Math.floor(number),
      }),
    );
  }
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

/** Another `t`: nearby, off by a time zone, around now, or in milliseconds. Many, so they come late. */
export function* otherTimestamps(t: string | null, now: number): Generator<MessageVariant> {
  const base = t !== null && /^[0-9]{1,12}$/.test(t) ? Number(t) : null;
  const seen = new Set<number>(base === null ? [] : [base]);
  const one = (value: number, from: number): MessageVariant | null => {
    if (value < 0 || seen.has(value)) return null;
    seen.add(value);
    const off = value - from;
    const what =
      t === null
        ? `t=${value}, which the header does not have`
        : `t=${value}, which is ${Math.abs(off)} s ${off < 0 ? 'before' : 'after'} the t of the header`;
    return at(String(value), 'timestamp_other', what, { timestamp: value, offset_seconds: value - from });
  };
  const origins = [...new Set([base, now])].filter((origin) => origin !== null);
  for (let distance = 1; distance <= 10; distance++) {
    for (const origin of origins) {
      for (const value of [origin - distance, origin + distance]) {
        const variant = one(value, base ?? now);
        if (variant) yield variant;
      }
    }
  }
  for (const origin of origins) {
    const variant = one(origin, base ?? now);
    if (variant) yield variant;
    for (let quarters = 1; quarters <= 14 * 4; quarters++) {
      for (const value of [origin - quarters * QUARTER_HOUR, origin + quarters * QUARTER_HOUR]) {
        const shifted = one(value, base ?? now);
        if (shifted) yield shifted;
      }
    }
  }
  for (let distance = 11; distance <= NEARBY_SECONDS; distance++) {
    for (const origin of origins) {
      for (const value of [origin - distance, origin + distance]) {
        const variant = one(value, base ?? now);
        if (variant) yield variant;
      }
    }
  }
  if (base === null) return;
  for (let ms = 1; ms < 1000; ms++) {
    yield at(
      String(base * 1000 + ms),
      'timestamp_milliseconds',
      't in milliseconds, while the header has seconds',
      {
        timestamp: base * 1000 + ms,
      },
    );
  }
}

function around(before: string, after: string, mistake: Mistake): MessageVariant {
  return { before, after, mistakes: [mistake] };
}

function at(t: string, code: Mistake['code'], what: string, details: Mistake['details']): MessageVariant {
  return around(`${t}.`, '', { code, what, details });
}
