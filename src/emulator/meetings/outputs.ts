import { agree, listed, roleOf } from './conversation.ts';
import type { MeetingFacts } from './facts.ts';
import type { Turn } from './transcript.ts';

/** The three outputs of a meeting (contract, section 5): HTML, plain text, Markdown. */

/** HTML with speaker labels. Everything that was said is text: nothing of it is markup. */
export function renderTranscript(turns: readonly Turn[]): string {
  const paragraphs = turns.map(
    ({ speaker, words }) => `<p><strong>${escapeHtml(speaker)}:</strong> ${escapeHtml(words)}</p>`,
  );
  return `<div class="transcript">${paragraphs.join('')}</div>`;
}

/**
 * Five sentences of plain text, whatever names and words hold.
 *
 * @param invented whether the conversation was made up from the facts.
 */
export function summarize(facts: MeetingFacts, turns: readonly Turn[], invented: boolean): string {
  const { candidate } = facts;
  const speakers = speakersOf(turns);
  const guest = candidate?.name ?? speakers.find((name) => name !== facts.recruiter) ?? 'a candidate';
  const host = speakers.includes(facts.recruiter) ? facts.recruiter : speakers.find((name) => name !== guest);
  const sentences = [`In this meeting ${guest} spoke with ${host ?? 'the recruiter'} about ${roleOf(facts)}`];
  if (invented) {
    const { notice, hours, next, met, open } = agree(facts);
    const skills = candidate?.skills ?? [];
    sentences.push(
      skills.length > 0
        ? `Experience was mentioned with ${listed(skills)}`
        : 'No particular experience was mentioned',
      met.length > 0
        ? `The client's wishes are met for ${listed(met)}`
        : 'None of the requirements was confirmed',
      open.length > 0 ? `Still to be learned or checked: ${listed(open)}` : 'No requirement is left open',
      `The notice period is ${notice}, the wish is ${hours} a week, and the next step is ${next}`,
    );
  } else {
    const longest = [...turns].sort((a, b) => b.words.length - a.words.length)[0];
    sentences.push(
      `The conversation has ${turns.length} ${turns.length === 1 ? 'part' : 'parts'}, spoken by ${listed(speakers.slice(0, 5))}`,
      `It began with the words ${excerpt(turns[0]?.words)}`,
      `Most was said by ${longest?.speaker ?? 'nobody'}: ${excerpt(longest?.words)}`,
      `It ended with the words ${excerpt(turns.at(-1)?.words)}`,
    );
  }
  return sentences.map((sentence) => `${asOneSentence(sentence)}.`).join(' ');
}

/** Markdown with headings and lists. */
export function writeNotes(facts: MeetingFacts, turns: readonly Turn[], invented: boolean): string {
  const { candidate, vacancy } = facts;
  const guest = candidate?.name ?? speakersOf(turns).find((name) => name !== facts.recruiter);
  const lines = [`# Interview${guest === undefined ? '' : `: ${escapeMarkdown(guest)}`}`, ''];
  if (vacancy !== null) {
    const place = vacancy.location === '' ? '' : ` (${escapeMarkdown(vacancy.location)})`;
    lines.push(`**Vacancy:** ${escapeMarkdown(vacancy.title)}${place}`, '');
  }
  const section = (title: string, items: readonly string[]) => {
    if (items.length > 0)
      lines.push(`## ${title}`, '', ...items.map((item) => `- ${escapeMarkdown(item)}`), '');
  };
  section('Participants', speakersOf(turns).slice(0, 20));
  if (candidate?.headline) section('Background', [candidate.headline]);
  section('Skills', candidate?.skills ?? []);
  if (invented) {
    const { notice, hours, next, met, open } = agree(facts);
    section('Requirements met', met);
    section('Requirements still open', open);
    section('Availability', [`Notice period: ${notice}`, `Hours: ${hours} a week`]);
    lines.push('## Next steps', '', `1. Plan ${next}`, '2. Send the details', '');
  } else {
    section(
      'Discussed',
      turns.slice(0, 12).map(({ speaker, words }) => `${speaker}: ${excerpt(words)}`),
    );
    lines.push('## Next steps', '', '1. Read the transcript', '2. Agree on what follows', '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Text for HTML, in an element or a quoted attribute. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML[character]!);
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for one line of Markdown: neither markup nor HTML. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .replace(/[\\`*_[\]<>&#|~]/g, '\\$&')
    .replace(/^(?:[-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}

/**
 * Takes away what would end a sentence inside it, in any script. A full stop stays between letters or
 * between digits (Node.js, 3.5), where it ends nothing.
 */
function asOneSentence(text: string): string {
  return text
    .replace(/[\s\p{Cc}\p{Cf}\p{Co}\u2028\u2029]+/gu, ' ')
    .replace(/(?<=[a-z])\.(?=[a-z])|(?<=\d)\.(?=\d)/g, '\ue000')
    .replace(/[\p{Sentence_Terminal}.\u2024\u2026\ufe52\uff0e]+/gu, ' ')
    .replaceAll('\ue000', '.')
    .replace(/ +/g, ' ')
    .trim();
}

function speakersOf(turns: readonly Turn[]): string[] {
  return [...new Set(turns.map((turn) => turn.speaker))];
}

/** The beginning of what was said, cut at a word where there is one. */
function excerpt(text = ''): string {
  const characters = [...text];
  if (characters.length <= 100) return text;
  return `${characters
    .slice(0, 100)
    .join('')
    .replace(/\s+\S*$/, '')} …`;
}
