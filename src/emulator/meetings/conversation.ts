import { createHash } from 'node:crypto';
import { holds, wordSet, words } from '../processing/stub/words.ts';
import type { MeetingFacts } from './facts.ts';
import type { Turn } from './transcript.ts';

const NOTICE = ['two weeks', 'one month', 'six weeks', 'two months'];
const HOURS = ['24 to 32 hours', '32 hours', '32 to 36 hours', '40 hours'];
const NEXT = ['a second interview on site', 'a day of working along', 'a call with the hiring manager'];

/** What comes out of a conversation. The same facts always agree on the same. */
export function agree(facts: MeetingFacts) {
  const hash = createHash('sha256').update(JSON.stringify(facts)).digest();
  const pick = (list: readonly string[], index: number) => list[hash[index]! % list.length]!;
  const skills = facts.candidate?.skills ?? [];
  const requirements = facts.vacancy?.requirements ?? [];
  const met = requirements.filter((requirement) => skills.some((skill) => speaksFor(skill, requirement)));
  return {
    notice: pick(NOTICE, 0),
    hours: pick(HOURS, 1),
    next: pick(NEXT, 2),
    /** Requirements that one of the skills speaks for, and the others. */
    met,
    open: requirements.filter((requirement) => !met.includes(requirement)),
  };
}

/** An interview at a Dutch staffing firm that fits candidate and vacancy; always the same for the same facts. */
export function inventConversation(facts: MeetingFacts): Turn[] {
  const { recruiter, candidate, vacancy } = facts;
  const { notice, hours, next, met, open } = agree(facts);
  const guest = candidate?.name ?? 'The candidate';
  const turns: Turn[] = [];
  const ask = (said: string) => turns.push({ speaker: recruiter, words: said });
  const answer = (said: string) => turns.push({ speaker: guest, words: said });

  ask(
    `Good morning${candidate === null ? '' : ` ${candidate.name}`}, thank you for coming. We talk about ${roleOf(facts)} today. What do you do at present?`,
  );
  answer(
    candidate?.headline
      ? `I would put it like this: ${candidate.headline}.`
      : 'I have worked through an agency for the last years, and I am looking for a permanent job.',
  );
  ask('And what are you good at?');
  answer(
    candidate !== null && candidate.skills.length > 0
      ? `I have experience with ${listed(candidate.skills)}.`
      : 'I learn quickly, I am on time, and I work well in a team.',
  );
  if (vacancy !== null && met.length > 0) {
    ask(`That fits. The client asks for ${listed(met)}.`);
    answer('Yes, I do that every week. I can give you a reference for it.');
  }
  if (vacancy !== null && open.length > 0) {
    ask(`And what about ${listed(open)}?`);
    answer('I have not done much of that yet, but I would like to learn it.');
  }
  if (vacancy?.location) {
    ask(`The work is in ${vacancy.location}. Is that possible for you?`);
    answer(
      candidate?.location
        ? `I live in ${candidate.location}. I can travel there by train or by car.`
        : 'Yes, I can travel there by train or by car.',
    );
  }
  ask(
    `How many hours would you like to work${vacancy?.employment ? `? The job is ${vacancy.employment}.` : '?'}`,
  );
  answer(`I would like ${hours} a week. My notice period is ${notice}.`);
  ask(`Good. Then I propose ${next}. I will send you the details today.`);
  answer('That is fine. Thank you, and see you soon.');
  return turns;
}

/** What the conversation is about. */
export function roleOf({ vacancy }: MeetingFacts): string {
  if (vacancy === null) return 'a next job';
  return `the role of ${vacancy.title}${vacancy.location === '' ? '' : ` in ${vacancy.location}`}`;
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function speaksFor(skill: string, requirement: string): boolean {
  const asked = wordSet(requirement);
  const known = words(skill);
  return known.length > 0 && known.every((word) => holds(asked, word));
}
