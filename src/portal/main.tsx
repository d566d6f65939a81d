import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createStore } from '../client/view-state.ts';
import { readAddress } from './address.ts';
import { createCaller } from './call.ts';
import { startLoader } from './load.ts';
import { PageProvider, type Tools, usePage } from './page.tsx';
import { dropToken, keepToken, takeToken } from './session.ts';
import { initialState, reduce } from './state.ts';
import { Shell, SignIn } from './views/shell.tsx';

/** Signed in or not. Everything else belongs to one token, and goes with it. */
function Root() {
  const [token, setToken] = useState(takeToken);
  const [refused, setRefused] = useState(false);
  const [tools, setTools] = useState<Tools | null>(null);
  useEffect(() => {
    if (token === null) return;
    const started = startTools(token);
    setTools(started);
    return () => {
      started.loader.stop();
      setTools(null);
    };
  }, [token]);
  const signIn = (given: string) => {
    keepToken(given);
    setRefused(false);
    setToken(given);
  };
  const signOut = () => {
    dropToken();
    setRefused(true);
    setToken(null);
  };
  if (token === null) return <SignIn refused={refused} onToken={signIn} />;
  if (tools === null) return null;
  return (
    <PageProvider value={tools}>
      <Session onRefused={signOut} />
    </PageProvider>
  );
}

function Session({ onRefused }: { onRefused(): void }) {
  const { connection } = usePage().state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal
  useEffect(() => {
    if (connection === 'refused') onRefused();
  }, [connection]);
  return <Shell />;
}

function startTools(token: string): Tools {
  const store = createStore(initialState(readAddress(new URL(window.location.href)), Date.now()), reduce);
  const call = createCaller(token);
  const loader = startLoader(store, call, token);
  const onBack = () =>
    store.dispatch({ type: 'address', address: readAddress(new URL(window.location.href)) });
  window.addEventListener('popstate', onBack);
  const stop = () => {
    window.removeEventListener('popstate', onBack);
    loader.stop();
  };
  return { store, call, loader: { ...loader, stop } };
}

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
