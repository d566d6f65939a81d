import { outcomeText } from '../cli/text/outcome.ts';
import type { DeliveryDetail, LogRecordDetail } from '../contract/control.ts';
import { copyText } from './copy-text.ts';
import { curlOf } from './curl.ts';
import type { Page } from './page.tsx';

/** The attempt that was made last. */
export function newest({ attempts }: DeliveryDetail): LogRecordDetail | undefined {
  return [...attempts].sort((a, b) => a.number - b.number).at(-1);
}

/** Delivers again, and shows the new delivery. */
export async function replay(
  page: Page,
  id: string,
  body: { to?: string; body_base64?: string } = {},
): Promise<void> {
  await page.run(`replaying ${id}…`, async () => {
    const made = await page.call('replay', { params: { id }, body });
    page.go({ place: 'deliveries', id: made.id });
    const attempt = newest(made);
    return attempt
      ? `replayed as ${made.id}: ${outcomeText(attempt)}`
      : `${made.id}: the attempt is in flight`;
  });
}

/** Puts the recorded request on the clipboard; says so where it cannot. */
export function copyCurl(page: Page, attempt: LogRecordDetail): void {
  const curl = curlOf(attempt, window.location.origin);
  if (curl !== null) return void copyText(page.dispatch, curl, 'curl command');
  const text = `A line to paste cannot hold this request. Use: carvos deliveries show ${attempt.id} --curl`;
  page.dispatch({ type: 'message', message: { kind: 'error', text } });
}
