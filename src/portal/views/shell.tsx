import { type ReactNode, useEffect } from 'react';
import { describeClock } from '../../cli/text/times.ts';
import { isControlToken } from '../../contract/control/calls.ts';
import { PLACES, type Place } from '../address.ts';
import { HELP, handleKey } from '../keys.ts';
import { usePage } from '../page.tsx';
import { Configuration } from './configuration.tsx';
import { Deliveries } from './deliveries.tsx';
import { Ask } from './fields.tsx';
import { Dialog, Facts, Go, typed } from './parts.tsx';
import { Schedule } from './schedule.tsx';
import { Testing } from './testing.tsx';
import { TraceView } from './trace.tsx';

const VIEWS: Record<Place, readonly [title: string, view: () => ReactNode]> = {
  deliveries: ['Deliveries', Deliveries],
  trace: ['Trace', TraceView],
  testing: ['Testing', Testing],
  schedule: ['Schedule and faults', Schedule],
  configuration: ['Configuration', Configuration],
};

/** What stands around every place. */
export function Shell() {
  const page = usePage();
  const { state, set } = page;
  const { place } = state.address;
  const [title, View] = VIEWS[place];
  const [tone, connection] = CONNECTIONS[state.connection];
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => handleKey(event, page);
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [page]);
  useEffect(() => {
    document.title = `${title} · carvos`;
  }, [title]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <span className="brand">carvos</span>
        <nav aria-label="Places">
          {PLACES.map((one) => (
            <Go key={one} to={{ place: one }} className={one === place ? 'current' : undefined}>
              {VIEWS[one][0]}
            </Go>
          ))}
        </nav>
        <span className="clock">{state.clock !== null && `the clock ${describeClock(state.clock)}`}</span>
        <span className={`connection ${tone}`} role="status">
          {connection}
        </span>
      </header>
      <main id="main" tabIndex={-1}>
        <h1 className="hidden">{title}</h1>
        <View />
      </main>
      <Toast />
      {state.dialog === 'keys' && (
        <Dialog title="Keys" onClose={() => set({ dialog: null })}>
          <Facts rows={HELP} />
        </Dialog>
      )}
    </>
  );
}

const CONNECTIONS = {
  connecting: ['later', '○ connecting'],
  open: ['good', '● live'],
  lost: ['bad', '○ lost: trying again'],
} as const;

/** The mark of a message, and how long it is shown, in milliseconds. */
const MESSAGES = { done: ['✓ ', 6000], error: ['✗ ', 20_000], busy: ['', 60_000] } as const;

/** What came of the last thing that was done. */
function Toast() {
  const { state, set } = usePage();
  const { message } = state;
  const close = () => set({ message: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each message
  useEffect(() => {
    if (message === null) return;
    const timer = setTimeout(close, MESSAGES[message.kind][1]);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <div className="toast" role="status" aria-live="polite">
      {message !== null && (
        <button type="button" className={message.kind} onClick={close}>
          {MESSAGES[message.kind][0]}
          {message.text}
        </button>
      )}
    </div>
  );
}

/** Where there is no token, or a wrong one. */
export function SignIn({ refused, onToken }: { refused: boolean; onToken(token: string): void }) {
  return (
    <main className="signin" id="main">
      <h1>carvos</h1>
      <p role={refused ? 'alert' : undefined}>
        {refused
          ? 'The gateway refused the token: it is a new one since the gateway was started again, or another gateway’s.'
          : 'This page shows what the gateway holds, so it asks who you are.'}
      </p>
      <p>Open it signed in, from the folder in which carvos dev runs:</p>
      <div className="command">
        <code>{typed('open')}</code>
      </div>
      <Ask
        label="or paste the control token (CARVOS_CONTROL_TOKEN)"
        type="password"
        submit="Sign in"
        refuse={(text) => (isControlToken(text) ? null : 'a control token has no such characters')}
        onSubmit={onToken}
      />
    </main>
  );
}
