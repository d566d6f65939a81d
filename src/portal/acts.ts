import { curlCommand, recordedRequest, toBase64 } from '../cli/text/curl.ts';
import { describeReplay } from '../cli/text/outcome.ts';
import { describeClock } from '../cli/text/times.ts';
import type { CallInput, JsonCall } from '../contract/control/routes.ts';
import type { ClockMove, LogRecord } from '../contract/control.ts';
import { CallError } from './call.ts';
import type { Acts } from './page.tsx';

/** Delivers again, and shows the new delivery. */
export function replay(page: Acts, id: string, body: CallInput<'replay'>['body'] = {}): Promise<void> {
  return page.run(`replaying ${id}…`, async () => {
    const made = await page.call('replay', { params: { id }, body });
    page.go({ place: 'deliveries', id: made.id });
    return describeReplay(made);
  });
}

/** Puts a text on the clipboard, and says so, or why not. */
export function copyText(page: Acts, what: string, text: string | (() => Promise<string>)): Promise<void> {
  return page.run(`copying the ${what}…`, async () => {
    const whole = typeof text === 'string' ? text : await text();
    try {
      await navigator.clipboard.writeText(whole);
    } catch (error) {
      throw new CallError(0, `cannot copy the ${what}: ${error instanceof Error ? error.message : error}`);
    }
    return `copied the ${what}`;
  });
}

/** Puts the recorded request of an attempt on the clipboard. */
export function copyCurl(page: Acts, { id, delivery_id, number }: LogRecord): Promise<void> {
  return copyText(page, 'curl command', async () => {
    const params = { id: delivery_id, number: String(number) };
    const record = await page.call('logRecord', { params, query: { body: 'whole' } });
    const request = recordedRequest(record, window.location.origin);
    if (request === null) throw new CallError(0, `${id} is no request that can be sent again`);
    return curlCommand(request, null);
  });
}

/** Runs the AI job of a reference again. */
export function rerun(page: Acts, reference: string): Promise<void> {
  return page.run('the job runs again…', async () => {
    const { id, run } = await page.call('rerunJob', { params: { id: reference } });
    return `${id} runs again, run ${run}`;
  });
}

/** A body as the control API takes it. */
export function bodyOf(text: string): { body_base64: string } {
  return { body_base64: toBase64(new TextEncoder().encode(text)) };
}

/** Calls that move the clock. */
type ClockCall = Exclude<Extract<JsonCall, `clock${string}`>, 'clock'>;

/** Moves the clock, and says what it did. */
export function moveClock<N extends ClockCall>(page: Acts, name: N, input: CallInput<N>): Promise<void> {
  return page.run('the clock moves…', async () => {
    const { fired, unlisted, clock } = (await page.call(name, input)) as ClockMove;
    page.set({ clock: { ...clock, at: Date.now() } });
    const count = fired.length + unlisted;
    const made = count === 0 ? '' : `, ${count} ${count === 1 ? 'attempt' : 'attempts'} made`;
    return `the clock ${describeClock(clock)}${made}`;
  });
}
