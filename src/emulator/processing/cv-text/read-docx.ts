import mammoth from 'mammoth';
import { MAX_UNPACKED_BYTES, UnreadableCv } from './bounds.ts';
import { openZip } from './zip.ts';

/** mammoth's plain text leaves line breaks out, and words on either side would become one. */
const LINE_BREAK = /<w:(?:br|cr)\b[^<>]{0,200}\/>/g;

const DOCUMENT = 'word/document.xml';
/** What stands at the edge of pages, where a name and an address often are; mammoth leaves it out. */
const EDGES = /^word\/(?:header|footer)\d*\.xml$/;
/** A text box in its newer form, where the older one, which mammoth reads, is not beside it. */
const LONE_CHOICE =
  /<mc:AlternateContent\b(?:(?!<mc:Fallback\b|<\/mc:AlternateContent>)[\s\S])*<\/mc:AlternateContent>/g;
const CHUNK = /<w:altChunk\b/;

/**
 * The text of a DOCX, a paragraph a line: its body, then what is in text boxes, at the edges of pages, and in parts of
 * HTML or plain text that are included (altChunk).
 *
 * @throws UnreadableCv, or mammoth's error for what is inside.
 */
export async function readDocx(bytes: Buffer): Promise<string> {
  const zip = openZip(bytes, MAX_UNPACKED_BYTES);
  let document = '';
  // mammoth would unpack everything with JSZip, which has no limit. It takes an opened archive too,
  // although its types do not say so.
  const file = {
    exists: zip.has,
    read: async (name: string, encoding?: string) => {
      const data = zip.read(name);
      if (!encoding) return data;
      if (encoding === 'base64') return data.toString('base64');
      const text = new TextDecoder(encoding).decode(data);
      if (name === DOCUMENT) document = text;
      return text.replace(LINE_BREAK, '<w:tab/>');
    },
  };
  const { value } = await mammoth.extractRawText({ file } as never);
  const names = zip.names();
  const edges = names
    .filter((name) => EDGES.test(name))
    .map((name) => textOf(zip.read(name).toString('utf8')));
  const boxes = (document.match(LONE_CHOICE) ?? []).map(textOf);
  const chunks = CHUNK.test(document) ? readChunks(zip, names) : [];
  const text = [value.replaceAll('\t', '\n'), ...boxes, ...new Set(edges), ...chunks]
    .join('\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
  if (text === '' && CHUNK.test(document)) {
    throw new UnreadableCv(
      'its text is in an included part (altChunk) of a kind that is not read: save it anew in Word',
    );
  }
  return text;
}

/** Parts that Word includes when it opens the document: what is neither HTML nor text is left out. */
function readChunks(zip: ReturnType<typeof openZip>, names: readonly string[]): string[] {
  return names
    .filter((name) => /\.(?:x?html?|txt)$/i.test(name))
    .map((name) => {
      const text = zip.read(name).toString('utf8');
      return /\.txt$/i.test(name) ? text : textOf(text.replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, ''));
    });
}

/** The text between tags; a paragraph of Word or HTML a line. */
function textOf(markup: string): string {
  return markup
    .replace(/<\/(?:w:p|p|div|li|h\d|td|tr)>|<(?:w:br|w:tab|br)\b[^<>]{0,200}>/gi, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(lt|gt|quot|apos|nbsp|amp);/g, (_all, name: string) => ENTITIES[name]!)
    .replace(/[^\S\n]+/g, ' ');
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', amp: '&' };
