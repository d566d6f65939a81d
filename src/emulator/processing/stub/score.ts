import { holds, wordSet, words } from './words.ts';

/**
 * The stub's score of candidate × vacancy: how much of what the vacancy asks for is found in the CV
 * and the profile. It stands in for the AI's, so it has to be plausible and repeatable, not clever
 * (contract, section 5: the CV is the main source, without one no accurate score is possible).
 */

type Fields = Record<string, unknown>;

export interface Score {
  /** 0 to 100; `null` when there is no text to go by. */
  score: number | null;
  /** Sentences for a reader. Never empty. */
  reasons: string[];
}

/** Requirements weigh most. A part that the vacancy lacks drops out, and the rest share its weight. */
const WEIGHTS = { requirements: 70, title: 20, description: 10 };
/** What a profile claims and the CV does not show counts half. */
const PROFILE_BESIDE_CV = 0.5;
/** A description is prose: a candidate who shows this share of its words covers it. */
const DESCRIPTION_SHARE = 0.4;
const LISTED = 12;
const LABEL_LENGTH = 60;

interface Source {
  cv: ReadonlySet<string>;
  profile: ReadonlySet<string>;
}

/**
 * @param candidate fields of the candidate, or `null` when it is not known.
 * @param vacancy likewise.
 * @param cvText text of the CV, or `null` when there is none.
 */
export function scoreApplication(
  candidate: Fields | null,
  vacancy: Fields | null,
  cvText: string | null,
): Score {
  const source: Source = {
    cv: wordSet(cvText ?? ''),
    profile: wordSet(
      texts(candidate, ['headline', 'skills', 'summary', 'experience', 'education']).join('\n'),
    ),
  };
  const wanted = {
    requirements: requirementsOf(vacancy),
    title: unique(texts(vacancy, ['title'])),
    description: unique(texts(vacancy, ['description'])),
  };
  const missing: string[] = [];
  if (source.cv.size === 0 && source.profile.size === 0) {
    missing.push('No score: the candidate has no CV, headline or skills to go by.');
  }
  if (wanted.requirements.length + wanted.title.length + wanted.description.length === 0) {
    missing.push('No score: the vacancy has no title, description or requirements to go by.');
  }
  if (missing.length > 0) return { score: null, reasons: missing };

  const found = wanted.requirements.map((item) => ({ ...item, part: coverage(item.words, source) }));
  const parts: [weight: number, part: number][] = [];
  if (found.length > 0) parts.push([WEIGHTS.requirements, mean(found.map((item) => item.part))]);
  if (wanted.title.length > 0) parts.push([WEIGHTS.title, coverage(wanted.title, source)]);
  if (wanted.description.length > 0) {
    parts.push([WEIGHTS.description, Math.min(1, coverage(wanted.description, source) / DESCRIPTION_SHARE)]);
  }
  const weight = parts.reduce((sum, [each]) => sum + each, 0);
  const score = Math.round((100 * parts.reduce((sum, [each, part]) => sum + each * part, 0)) / weight);
  return { score, reasons: [...explainRequirements(found, source), ...explainRest(wanted.title, source)] };
}

interface Requirement {
  label: string;
  words: string[];
}

/** One requirement per list item, line, or part between commas; skills of the vacancy are requirements too. */
function requirementsOf(vacancy: Fields | null): Requirement[] {
  const seen = new Set<string>();
  const items: Requirement[] = [];
  for (const text of texts(vacancy, ['skills', 'required_skills', 'requirements'])) {
    for (const part of text.split(/[\n\r;,\u2022]/)) {
      const found = unique([part]);
      const key = found.join(' ');
      if (key === '' || seen.has(key)) continue;
      seen.add(key);
      items.push({ label: shorten(part), words: found });
    }
  }
  return items;
}

/** How much of the words is found, 0 to 1. */
function coverage(list: readonly string[], source: Source): number {
  const beside = source.cv.size === 0 ? 1 : PROFILE_BESIDE_CV;
  return mean(list.map((word) => (holds(source.cv, word) ? 1 : holds(source.profile, word) ? beside : 0)));
}

function explainRequirements(found: (Requirement & { part: number })[], source: Source): string[] {
  const placeOf = ({ words, part }: (typeof found)[number]) => {
    for (const place of ['cv', 'profile'] as const)
      if (words.every((word) => holds(source[place], word))) return place;
    return part > 0 ? 'partly' : 'nowhere';
  };
  const at = (place: ReturnType<typeof placeOf>) => found.filter((item) => placeOf(item) === place);
  const profileOnly =
    source.cv.size === 0 ? 'Found in the profile' : 'Found in the profile, but not in the CV';
  return [
    ...sentence('Found in the CV', at('cv')),
    ...sentence(profileOnly, at('profile')),
    ...sentence('Partly found', at('partly')),
    ...sentence('Not found', at('nowhere')),
  ];
}

function explainRest(title: readonly string[], source: Source): string[] {
  const reasons: string[] = [];
  if (title.length > 0) {
    const hits = title.filter((word) => holds(source.cv, word) || holds(source.profile, word)).length;
    reasons.push(`The candidate shows ${hits} of ${title.length} words of the vacancy's title.`);
  } else {
    reasons.push('The vacancy has no title.');
  }
  if (source.cv.size === 0) reasons.push('There is no CV to read: without one the score is less accurate.');
  return reasons;
}

function sentence(start: string, items: Requirement[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > LISTED ? ` and ${items.length - LISTED} more` : '';
  const labels = items.slice(0, LISTED).map((item) => item.label);
  return [`${start}: ${labels.join(', ')}${more}.`];
}

/** The texts in these fields; of lists, the texts in them. Anything else is passed over. */
function texts(fields: Fields | null, names: string[]): string[] {
  return names
    .flatMap((name) => (fields && Object.hasOwn(fields, name) ? fields[name] : []))
    .filter((value): value is string => typeof value === 'string');
}

function unique(list: string[]): string[] {
  return [...new Set(list.flatMap(words))];
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, each) => sum + each, 0) / list.length;
}

/** Cut between code points, so that no half of an emoji is left. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= LABEL_LENGTH) return line;
  return `${[...line.slice(0, LABEL_LENGTH * 2)].slice(0, LABEL_LENGTH).join('')}…`;
}
