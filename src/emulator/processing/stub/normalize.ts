/**
 * Profiles as CarvOS gives them back: the same fields, tidied (contract, section 5, "full normalized
 * profile"). Fields that are not known here, and known ones of an unexpected type, pass through
 * untouched. Nothing that is handed in is changed.
 */

type Fields = Record<string, unknown>;
type Tidy = (value: string, fields: Fields) => string;

const CANDIDATE: Record<string, Tidy> = {
  first_name: collapse,
  last_name: collapse,
  email: (value) => value.trim().toLowerCase(),
  phone: (value, fields) => normalizePhone(value, countryOf(fields)),
  location: collapse,
  headline: collapse,
};

const VACANCY: Record<string, Tidy> = {
  title: collapse,
  description: tidyLines,
  location: collapse,
  employment_type: collapse,
  requirements: tidyLines,
};

const APPLICATION: Record<string, Tidy> = { stage: collapse };

export function normalizeCandidate(fields: Fields): Fields {
  const profile = normalizeFields(fields, CANDIDATE, 'skills');
  const names = [profile.first_name, profile.last_name].filter(
    (name) => typeof name === 'string' && name !== '',
  );
  return names.length === 0 ? profile : { ...profile, full_name: names.join(' ') };
}

export function normalizeVacancy(fields: Fields): Fields {
  return normalizeFields(fields, VACANCY, 'skills', 'requirements');
}

export function normalizeApplication(fields: Fields): Fields {
  return normalizeFields(fields, APPLICATION);
}

// Object.fromEntries defines properties, so a field named __proto__ stays an ordinary field.
function normalizeFields(fields: Fields, rules: Record<string, Tidy>, ...lists: string[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (Array.isArray(value)) return [key, lists.includes(key) ? normalizeList(value) : value];
      const tidy = typeof value === 'string' && Object.hasOwn(rules, key) ? rules[key] : undefined;
      return [key, tidy ? tidy(value as string, fields) : value];
    }),
  );
}

/** Trims, drops empty texts, and keeps the first of those that differ only in case. */
function normalizeList(values: unknown[]): unknown[] {
  const seen = new Set<string>();
  return values.flatMap((value) => {
    if (typeof value !== 'string') return [value];
    const text = collapse(value);
    const key = text.toLowerCase();
    if (text === '' || seen.has(key)) return [];
    seen.add(key);
    return [text];
  });
}

function collapse(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}

/** For texts of several lines: line ends become `\n`, the lines stay. */
function tidyLines(value: string): string {
  return value.replace(/\r\n?/g, '\n').trim();
}

export type PhoneCountry = 'NL' | 'BE' | 'DE';

const DIALLING_CODE: Record<PhoneCountry, string> = { NL: '31', BE: '32', DE: '49' };
/** National numbers with their leading zero. */
const NATIONAL: Record<PhoneCountry, RegExp> = {
  NL: /^0[1-9]\d{8}$/,
  BE: /^0[1-9]\d{7,8}$/,
  DE: /^0[1-9]\d{5,11}$/,
};
const E164 = /^[1-9]\d{7,14}$/;

/**
 * Writes a phone number as E.164 where there is one way to read it: international already, national in
 * a known country, or in a form that only one of the three countries has. Otherwise it is only trimmed.
 *
 * @param country where the candidate lives, when that is known.
 */
export function normalizePhone(value: string, country: PhoneCountry | null = null): string {
  const text = collapse(value);
  if (text.length > 40 || !/^\+?[\d ()./-]+$/.test(text)) return text;
  const digits = text.replace(/\D/g, '');

  if (text.startsWith('+') || digits.startsWith('00')) {
    // +31 (0)6 …: the zero in brackets is dialled only inside the country.
    const bare = text
      .replace('(0)', '')
      .replace(/\D/g, '')
      .replace(/^00/, '')
      .replace(/^(31|32|49)0/, '$1');
    return E164.test(bare) ? `+${bare}` : text;
  }
  const home = country ?? onlyReading(text, digits);
  return home && NATIONAL[home].test(digits) ? `+${DIALLING_CODE[home]}${digits.slice(1)}` : text;
}

/**
 * The country of a national number by its form alone. Ten digits that begin with 06 are a Dutch
 * mobile, unless the grouping shows a German area code (06131 …); German mobiles are longer than any
 * Dutch or Belgian number; Belgian mobiles are written 04xx 12 34 56.
 */
function onlyReading(text: string, digits: string): PhoneCountry | null {
  const firstGroup = /^\(?\d+/.exec(text)?.[0].replace('(', '') ?? '';
  if (/^06[1-58]\d{7}$/.test(digits) && (firstGroup === '06' || firstGroup === digits)) return 'NL';
  if (/^01[5-7]\d{8,9}$/.test(digits)) return 'DE';
  if (/^04[6-9]\d[ ./]\d\d[ .]\d\d[ .]\d\d$/.test(text)) return 'BE';
  return null;
}

const COUNTRY_NAMES: Record<string, PhoneCountry> = {
  nl: 'NL',
  nederland: 'NL',
  netherlands: 'NL',
  'the netherlands': 'NL',
  holland: 'NL',
  be: 'BE',
  belgië: 'BE',
  belgie: 'BE',
  belgium: 'BE',
  belgique: 'BE',
  de: 'DE',
  deutschland: 'DE',
  germany: 'DE',
  duitsland: 'DE',
};

/** From a `country` field, or from what follows the last comma of the location ("Gent, België"). */
function countryOf(fields: Fields): PhoneCountry | null {
  const { country, location } = fields;
  const named = typeof country === 'string' ? country : typeof location === 'string' ? location : '';
  const name = collapse(named.slice(named.lastIndexOf(',') + 1)).toLowerCase();
  return Object.hasOwn(COUNTRY_NAMES, name) ? (COUNTRY_NAMES[name] ?? null) : null;
}
