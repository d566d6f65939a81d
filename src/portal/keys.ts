import type { DeliveryDetail } from '../contract/control.ts';
import { copyCurl, replay, rerun } from './acts.ts';
import { PLACES } from './address.ts';
import { moveClock, type Page } from './page.tsx';
import { isShown } from './state.ts';

/** What each key does, for the help; those of the terminal screen. */
export const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['j k', 'down and up'],
  ['Enter', 'open'],
  ['Esc', 'back to the list'],
  ['/', 'search'],
  ['g', 'the newest'],
  ['r', 'replay'],
  ['e', 'replay edited'],
  ['t', 'replay to another place'],
  ['x', 'run its AI job again'],
  ['y', 'copy as curl'],
  ['i', 'copy the id'],
  ['Space', 'pause or resume the clock'],
  ['n', 'the next attempt'],
  ['1 … 5', 'deliveries, trace, testing, schedule, configuration'],
  ['?', 'this help'],
];

/** Does what a key means here; nothing while something is typed or a dialog is open. */
export function handleKey(event: KeyboardEvent, page: Page): void {
  const target = event.target as HTMLElement;
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (typing) {
    if (event.key === 'Escape') target.blur();
    return;
  }
  if (document.querySelector('dialog[open]') !== null) return;
  const act = actionOf(event, page);
  if (act === null) return;
  event.preventDefault();
  act();
}

function actionOf({ key, target }: KeyboardEvent, page: Page): (() => void) | null {
  const { state, go, dispatch } = page;
  const { address, log, clock } = state;
  if (key === '?') return () => dispatch({ type: 'help', shown: true });
  const place = PLACES[Number(key) - 1];
  if (place !== undefined) return () => go({ place });
  if (key === 'n') return () => void moveClock(page, 'clockNext');
  const onButton = /^(BUTTON|A)$/.test((target as HTMLElement).tagName);
  if (key === ' ' && !onButton) {
    return () => void moveClock(page, clock?.mode === 'paused' ? 'clockResume' : 'clockPause');
  }
  if (address.place !== 'deliveries') return null;
  const at = log.records.findIndex((one) => isShown(one, address.id));
  const record = log.records[at];
  const move = (index: number) => () => {
    const next = log.records[Math.max(0, Math.min(index, log.records.length - 1))];
    if (next) go({ id: next.id });
  };
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return move(at + 1);
    case 'k':
    case 'ArrowUp':
      return move(at - 1);
    case 'g':
      return () => {
        dispatch({ type: 'log.follow', following: true });
        document.querySelector('.rows')?.scrollTo(0, 0);
      };
    case '/':
      return () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
    case 'Escape':
      return () => go({ id: null });
    case 'r':
      return record?.direction === 'outgoing' ? () => void replay(page, record.delivery_id) : null;
    case 'e':
    case 't':
      return record?.direction === 'outgoing'
        ? () => dispatch({ type: 'dialog', dialog: key === 'e' ? 'edited' : 'to' })
        : null;
    case 'x':
      return record?.reference_id ? () => void rerun(page, record.reference_id!) : null;
    case 'y':
      return record ? () => void copyShown(page, record.delivery_id, record.id) : null;
    case 'i':
      return address.id === null
        ? null
        : () => void navigator.clipboard.writeText(address.id!.split('/')[0]!);
    default:
      return null;
  }
}

async function copyShown(page: Page, delivery: string, attempt: string): Promise<void> {
  await page.run('reading…', async () => {
    const detail: DeliveryDetail = await page.call('delivery', {
      params: { id: delivery },
      query: { body: 'whole' },
    });
    copyCurl(page, detail.attempts.find(({ id }) => id === attempt)!);
    return 'copied the curl command';
  });
}
