/** What one person said without being interrupted. */
export interface Turn {
  speaker: string;
  words: string;
}

const UNKNOWN_SPEAKER = 'Speaker';
const TIMING = /^\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{3}\s+-->\s/;
/** A name before a colon: short, and no time of day or URL. */
const LABEL = /^([^:]{1,80}):(?!\/\/)\s*(.*)$/s;
const VOICE = /^<v(?:\.[^\s>]*)?\s+([^>]+)>/;

/**
 * Reads a transcript: `Speaker: words` lines, WebVTT (also with `<v Name>`) or SRT. A line without a
 * speaker goes on with the one before. Returns no turn when nobody says anything.
 */
export function parseTranscript(text: string): Turn[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const timed = lines.some((line) => TIMING.test(line));
  const turns: Turn[] = [];
  for (const line of timed ? cueLines(lines) : lines) {
    const said = timed ? readCue(line) : readLine(line);
    if (said === null) continue;
    const last = turns.at(-1);
    const goesOn = last !== undefined && (said.speaker === null || said.speaker === last.speaker);
    if (said.words === '' && said.speaker === null) continue;
    if (goesOn) last.words = `${last.words} ${said.words}`.trim();
    else turns.push({ speaker: said.speaker ?? UNKNOWN_SPEAKER, words: said.words });
  }
  return turns.filter((turn) => turn.words !== '');
}

/** The text of the cues: not the header, notes, styles, numbers and times. */
function cueLines(lines: readonly string[]): string[] {
  const texts: string[] = [];
  let inCue = false;
  for (const line of lines) {
    if (TIMING.test(line)) inCue = true;
    else if (line.trim() === '') inCue = false;
    else if (inCue) texts.push(line);
  }
  return texts;
}

function readCue(line: string): { speaker: string | null; words: string } | null {
  const voice = VOICE.exec(line.trim());
  // Tags of WebVTT and SRT: <v Name>, <i>, <c.loud>, <00:01.000>. Anything else in brackets was said.
  const plain = unescapeCue(
    line.trim().replace(/<\/?(?:v|i|b|u|c|ruby|rt|lang|font)(?:[\s.][^>]*)?>|<[\d:.]+>/g, ''),
  );
  if (voice !== null) return { speaker: unescapeCue(voice[1]!.trim()), words: plain.trim() };
  return readLine(plain);
}

function readLine(line: string): { speaker: string | null; words: string } | null {
  const text = line.trim();
  if (text === '') return null;
  const label = LABEL.exec(text);
  // `at 10:30` and `Note to self, remember: …` in the middle of a sentence are no names.
  if (
    label === null ||
    /[.!?]/.test(label[1]!.replace(/\b\p{L}{1,4}\./gu, '')) ||
    (/\d$/.test(label[1]!) && /^\d/.test(label[2]!))
  ) {
    return { speaker: null, words: text };
  }
  return { speaker: label[1]!.trim(), words: label[2]!.trim() };
}

const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': ' ',
  '&lrm;': '',
  '&rlm;': '',
};

function unescapeCue(text: string): string {
  return text.replace(/&(?:amp|lt|gt|nbsp|lrm|rlm);/g, (entity) => ENTITIES[entity]!);
}
