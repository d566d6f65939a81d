import type { CatalogueEntry, Kind } from './catalogue.ts';
import { CATALOGUE } from './catalogue.ts';
import type { DiagnoseOptions, Finding, Mistake } from './types.ts';

type Perspective = Pick<DiagnoseOptions, 'side' | 'computed'>;

/** A mistake in words, with what to change. `message` and `fix` replace the catalogue's. */
export function describeMistake(
  mistake: Mistake,
  perspective: Perspective,
  own: { message?: string; fix?: string } = {},
): Finding {
  const entry: CatalogueEntry = CATALOGUE[mistake.code];
  const side = perspective.side ?? 'receiver';
  return {
    code: mistake.code,
    message: own.message ?? say(entry.kind, mistake, side, perspective.computed !== undefined),
    fix: own.fix ?? (typeof entry.fix === 'string' ? entry.fix : entry.fix[side]),
    details: { ...mistake.details },
    frameworks: entry.lines === null ? {} : { ...entry.lines[side] },
  };
}

/** The other direction's secret by its name: which one it is depends on the side. */
function named({ code, what }: Mistake, side: 'sender' | 'receiver'): string {
  if (code !== 'other_direction') return what;
  return `the ${side === 'receiver' ? 'incoming' : 'outgoing'} secret, which is for the other direction`;
}

function say(kind: Kind, mistake: Mistake, side: 'sender' | 'receiver', computed: boolean): string {
  const told = sentence(kind, named(mistake, side), computed);
  return mistake.note === undefined ? told : `${told} ${mistake.note}`;
}

function sentence(kind: Kind, what: string, computed: boolean): string {
  switch (kind) {
    case 'secret':
      return `${computed ? 'Your receiver computed it' : 'The signature was made'} with ${what}.`;
    case 'body':
      return computed
        ? `Your receiver hashed ${what}, not the raw bytes.`
        : `The signature covers ${what}, not the bytes that arrived.`;
    case 'message':
      return `${computed ? 'Your receiver hashed' : 'What was signed is'} ${what}; it should be t, a dot, the raw body.`;
    case 'digest':
      return `${computed ? "Your receiver's value" : 'The signature'} is ${what}; it should be 64 lower-case hex digits of HMAC-SHA256.`;
    default:
      return what;
  }
}
