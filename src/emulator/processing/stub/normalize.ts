import type { EntityKind } from '../../store/entities.ts';

/**
 * Profiles as CarvOS gives them back: the same fields, tidied (contract, section 5, "full normalized
 * profile"). Fields that are not known here, and known ones of an unexpected type, pass through
 * untouched. Nothing that is handed in is changed.
 */

type Fields = Record<string, unknown>;
type Tidy = (value: string) => string;

const RULES: Record<EntityKind, Record<string, Tidy>> = {
  candidate: {
    first_name: collapse,
    last_name: collapse,
    email: (value) => value.trim().toLowerCase(),
    phone: normalizePhone,
    location: collapse,
    headline: collapse,
  },
  vacancy: {
    title: collapse,
    description: tidyLines,
    location: collapse,
    employment_type: collapse,
    requirements: tidyLines,
  },
  application: { stage: collapse },
};
const LISTS: Record<EntityKind, readonly string[]> = {
  candidate: ['skills'],
  vacancy: ['skills', 'requirements'],
  application: [],
};

export function normalizeEntity(kind: EntityKind, fields: Fields): Fields {
  const profile = normalizeFields(fields, RULES[kind], LISTS[kind]);
  if (kind !== 'candidate') return profile;
  const names = [profile.first_name, profile.last_name].filter(
    (name) => typeof name === 'string' && name !== '',
  );
  return names.length === 0 ? profile : { ...profile, full_name: names.join(' ') };
}

// Object.fromEntries defines properties, so a field named __proto__ stays an ordinary field.
function normalizeFields(fields: Fields, rules: Record<string, Tidy>, lists: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (Array.isArray(value)) return [key, lists.includes(key) ? normalizeList(value) : value];
      const tidy = typeof value === 'string' && Object.hasOwn(rules, key) ? rules[key] : undefined;
      return [key, tidy ? tidy(value as string) : value];
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

/**
 * An international number as E.164; a national one is only trimmed, since which country it is of, its text does not say.
 */
export function normalizePhone(value: string): string {
  const text = collapse(value);
  if (text.length > 40 || !/^(?:\+|00)[\d ()./-]+$/.test(text)) return text;
  // +31 (0)6 …: the zero in brackets is dialled only inside the country.
  const digits = text.replace('(0)', '').replace(/\D/g, '').replace(/^00/, '');
  return /^[1-9]\d{7,14}$/.test(digits) ? `+${digits}` : text;
}
