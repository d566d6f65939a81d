/** Characters of an answer that a hint quotes. */
const LENGTH = 200;
/** Of an answer so much is looked at: a page of HTML has its words far behind. */
const LOOKED_AT = 16 * 1024;

/** What an answer says, in a line: the beginning of its text, of a page of HTML without what is no text. */
export function answerWords(answer: Uint8Array | string): string | null {
  const beginning = answer.slice(0, LOOKED_AT);
  const text = typeof beginning === 'string' ? beginning : Buffer.from(beginning).toString('utf8');
  const isPage = /^\s*(?:<!doctype html|<html|<!--)/i.test(text);
  const words = (isPage ? textOf(text) : text).replace(/\s+/g, ' ').trim();
  return words === '' ? null : words.slice(0, LENGTH);
}

function textOf(page: string): string {
  return page
    .replace(/<!--.*?(?:-->|$)/gs, ' ')
    .replace(/<(script|style|title)\b.*?(?:<\/\1\s*>|$)/gis, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/&(?:nbsp|#160);/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replace(/&(?:quot|#34|#x22);/gi, '"')
    .replace(/&(?:apos|#39|#x27);/gi, "'")
    .replaceAll('&amp;', '&');
}
