import { CATALOGUE, type CatalogueEntry, type Kind } from './catalogue.ts';
import type { DiagnoseOptions, Finding, Mistake } from './types.ts';

/** A mistake in words, with what to change: a fix of its own replaces the catalogue's. */
export function describeMistake(
  { fix, ...mistake }: Mistake & { fix?: string },
  { side = 'receiver', computed }: Pick<DiagnoseOptions, 'side' | 'computed'>,
): Finding {
  const [kind, , usualFix, lines]: CatalogueEntry = CATALOGUE[mistake.code];
  // The other direction's secret by its name: which one it is depends on the side.
  const what =
    mistake.code === 'other_direction'
      ? `the ${side === 'receiver' ? 'incoming' : 'outgoing'} secret, which is for the other direction`
      : mistake.what;
  const told = sentence(kind, what, computed !== undefined);
  return {
    code: mistake.code,
    message: mistake.note === undefined ? told : `${told} ${mistake.note}`,
    fix: fix ?? (typeof usualFix === 'string' ? usualFix : usualFix[side]),
    details: { ...mistake.details },
    frameworks: { ...lines?.[side] },
  };
}

/** Of time and header the mistake itself is the sentence. */
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
