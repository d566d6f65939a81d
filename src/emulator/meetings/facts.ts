type Data = Record<string, unknown>;

/** What is known about a meeting, in words that fit into a sentence. */
export interface MeetingFacts {
  /** Who holds the conversation for the staffing firm. */
  recruiter: string;
  candidate: { name: string; headline: string; location: string; skills: string[] } | null;
  vacancy: { title: string; location: string; employment: string; requirements: string[] } | null;
}

const LONGEST = 120;
const MOST = 8;

/** Facts from stored entities. Their fields are the ATS's: any may be missing, or of another type. */
export function meetingFacts(
  recruiter: string | null,
  candidate: Data | null,
  vacancy: Data | null,
): MeetingFacts {
  return {
    recruiter: oneLine(recruiter) || 'The recruiter',
    candidate: candidate && {
      name: oneLine(`${asText(candidate.first_name)} ${asText(candidate.last_name)}`) || 'The candidate',
      headline: oneLine(candidate.headline),
      location: oneLine(candidate.location),
      skills: asList(candidate.skills),
    },
    vacancy: vacancy && {
      title: oneLine(vacancy.title) || 'the vacancy',
      location: oneLine(vacancy.location),
      employment: oneLine(vacancy.employment_type),
      requirements: asList(vacancy.requirements),
    },
  };
}

/** On one line and short enough to speak; empty for what is no text. */
function oneLine(value: unknown): string {
  const text = asText(value)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST).join('').trim()}…`;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A list of points, or prose: its lines. */
function asList(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : asText(value).split(/[\n;]/);
  return items
    .map(oneLine)
    .filter((item) => item !== '')
    .slice(0, MOST);
}
