import type { LogItem } from '../contract/control.ts';
import { copyCurl, copyText, moveClock, replay, rerun } from './acts.ts';
import { PLACES } from './address.ts';
import type { Page } from './page.tsx';
import { isShown } from './state.ts';

/** What a key does, for the help, and how; `record` is the one that is shown. */
type Keys = Readonly<
  Record<string, readonly [what: string, act: (page: Page, record: LogItem | undefined) => unknown]>
>;

const IN_DELIVERIES: Keys = {
  j: ['down', (page) => move(page, 1)],
  k: ['up', (page) => move(page, -1)],
  Escape: ['back to the list', ({ go }) => go({ id: null })],
  '/': ['search', () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus()],
  g: ['the newest', showNewest],
  r: ['replay', (page, record) => isOutgoing(record) && replay(page, record.delivery_id)],
  e: ['replay edited', ({ set }, record) => isOutgoing(record) && set({ dialog: 'edited' })],
  t: ['replay to another place', ({ set }, record) => isOutgoing(record) && set({ dialog: 'to' })],
  x: ['run its AI job again', (page, record) => record?.reference_id && rerun(page, record.reference_id)],
  y: ['copy as curl', (page, record) => record && copyCurl(page, record)],
  i: ['copy the id', (page, record) => record && copyText(page, 'id', record.delivery_id)],
};

const ANYWHERE: Keys = {
  ' ': [
    'pause or resume the clock',
    (page) => moveClock(page, page.state.clock?.mode === 'paused' ? 'clockResume' : 'clockPause', {}),
  ],
  n: ['the next attempt', (page) => moveClock(page, 'clockNext', {})],
  '?': ['this help', ({ set }) => set({ dialog: 'keys' })],
};

const PLACE_KEYS: Keys = Object.fromEntries(
  PLACES.map((place, index) => [`${index + 1}`, [place, ({ go }: Page) => go({ place })]] as const),
);

const NAMES: Readonly<Record<string, string>> = { ' ': 'Space', Escape: 'Esc' };

/** Each key with what it does; those of the terminal screen. */
export const HELP: Readonly<Record<string, string>> = {
  Enter: 'open',
  ...Object.fromEntries(
    Object.entries({ ...IN_DELIVERIES, ...ANYWHERE }).map(([key, [what]]) => [NAMES[key] ?? key, what]),
  ),
  '1 to 5': PLACES.join(', '),
};

const ALIKE: Readonly<Record<string, string>> = { ArrowDown: 'j', ArrowUp: 'k' };

/** Does what a key means here; nothing while something is typed or a dialog is open. */
export function handleKey(event: KeyboardEvent, page: Page): void {
  const { tagName } = event.target as HTMLElement;
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(tagName)) {
    if (event.key === 'Escape') (event.target as HTMLElement).blur();
    return;
  }
  if (document.querySelector('dialog[open]') !== null) return;
  // A button and a link have their own use for it.
  if (event.key === ' ' && /^(BUTTON|A)$/.test(tagName)) return;
  const { address, log } = page.state;
  const key = ALIKE[event.key] ?? event.key;
  const means = { ...ANYWHERE, ...PLACE_KEYS, ...(address.place === 'deliveries' && IN_DELIVERIES) }[key];
  if (means === undefined) return;
  event.preventDefault();
  const record = log.records.find((one) => isShown(one, address.id));
  means[1](page, record);
}

function isOutgoing(record: LogItem | undefined): record is LogItem {
  return record?.direction === 'outgoing';
}

function move({ state, go }: Page, by: number): void {
  const { records } = state.log;
  const at = records.findIndex((one) => isShown(one, state.address.id));
  const next = records[Math.max(0, Math.min(at + by, records.length - 1))];
  if (next) go({ id: next.id });
}

/** Goes to the top of the list, and follows it. */
export function showNewest({ dispatch }: Page): void {
  dispatch({ type: 'log.follow', following: true });
  document.querySelector('.rows')?.scrollTo(0, 0);
}
