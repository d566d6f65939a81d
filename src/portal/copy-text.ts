import type { Page } from './page.tsx';

/** Puts a text on the clipboard, and says so, or why not. */
export async function copyText(
  dispatch: Page['dispatch'],
  text: string | (() => string),
  what: string,
): Promise<void> {
  try {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    dispatch({ type: 'message', message: { kind: 'done', text: `copied the ${what}` } });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    dispatch({ type: 'message', message: { kind: 'error', text: `cannot copy the ${what}: ${why}` } });
  }
}
