import { type ReactNode, useEffect } from 'react';
import { describeClock } from '../../cli/text/times.ts';
import { PLACES, type Place } from '../address.ts';
import { handleKey, KEYS } from '../keys.ts';
import { usePage } from '../page.tsx';
import { Configuration } from './configuration.tsx';
import { Deliveries } from './deliveries.tsx';
import { Dialog, Go } from './parts.tsx';
import { Schedule } from './schedule.tsx';
import { Testing } from './testing.tsx';
import { TraceView } from './trace.tsx';

const TITLES: Record<Place, string> = {
  deliveries: 'Deliveries',
  trace: 'Trace',
  testing: 'Testing',
  schedule: 'Schedule and faults',
  configuration: 'Configuration',
};

const VIEWS: Record<Place, () => ReactNode> = {
  deliveries: Deliveries,
  trace: TraceView,
  testing: Testing,
  schedule: Schedule,
  configuration: Configuration,
};

/** What stands around every place. */
export function Shell() {
  const page = usePage();
  const { state, dispatch } = page;
  const { place } = state.address;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => handleKey(event, page);
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [page]);
  useEffect(() => {
    document.title = `${TITLES[place]} · carvos`;
  }, [place]);
  const View = VIEWS[place];
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
              {TITLES[one]}
            </Go>
          ))}
        </nav>
        <span className="clock">{state.clock !== null && `the clock ${describeClock(state.clock)}`}</span>
        <Connection />
      </header>
      <main id="main" tabIndex={-1}>
        <h1 className="hidden">{TITLES[place]}</h1>
        <View />
      </main>
      <Toast />
      {state.help && (
        <Dialog title="Keys" onClose={() => dispatch({ type: 'help', shown: false })}>
          <dl className="facts">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Dialog>
      )}
    </>
  );
}

const CONNECTIONS = {
  connecting: ['later', '○ connecting'],
  open: ['good', '● live'],
  lost: ['bad', '○ lost: trying again'],
  refused: ['bad', '✗ refused'],
} as const;

function Connection() {
  const { connection } = usePage().state;
  const [tone, text] = CONNECTIONS[connection];
  return (
    <span className={`connection ${tone}`} role="status">
      {text}
    </span>
  );
}

const SHOWN_MS = { done: 6000, error: 20_000, busy: 60_000 } as const;

/** What came of the last thing that was done. */
function Toast() {
  const { state, dispatch } = usePage();
  const { message } = state;
  useEffect(() => {
    if (message === null) return;
    const timer = setTimeout(() => dispatch({ type: 'message', message: null }), SHOWN_MS[message.kind]);
    return () => clearTimeout(timer);
  }, [message, dispatch]);
  return (
    <div className="toast" role="status" aria-live="polite">
      {message !== null && (
        <button
          type="button"
          className={message.kind}
          onClick={() => dispatch({ type: 'message', message: null })}
        >
          {message.kind === 'error' ? '✗ ' : message.kind === 'done' ? '✓ ' : ''}
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
        <code>carvos open</code>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          if (typeof token === 'string' && token.trim() !== '') onToken(token.trim());
        }}
      >
        <label htmlFor="token">or paste the control token (CARVOS_CONTROL_TOKEN)</label>
        <input id="token" name="token" type="password" autoComplete="off" />
        <button type="submit" className="button main">
          Sign in
        </button>
      </form>
    </main>
  );
}
