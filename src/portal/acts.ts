import { curlCommand, recordedRequest } from '../cli/text/curl.ts';
import { outcomeText } from '../cli/text/outcome.ts';
import type { DeliveryDetail, LogRecordDetail } from '../contract/control.ts';
import { copyText } from './copy-text.ts';
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
  const request = recordedRequest(attempt, window.location.origin);
  if (request !== null) return void copyText(page.dispatch, curlCommand(request, null), 'curl command');
  const text = `${attempt.id} went nowhere, or the log holds only the beginning of its body.`;
  page.dispatch({ type: 'message', message: { kind: 'error', text } });
}

/** Runs the AI job of a reference again. */
export function rerun(page: Page, reference: string): Promise<void> {
  return page.run('the job runs again…', async () => {
    const { id, run } = await page.call('rerunJob', { params: { id: reference } });
    return `${id} runs again, run ${run}`;
  });
}
