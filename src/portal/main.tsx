import { createRoot } from 'react-dom/client';
import { createStore } from '../client/view-state.ts';
import { nameProgram } from '../files/called-as.ts';
import { readAddress } from './address.ts';
import { createCaller } from './call.ts';
import { startLoader } from './load.ts';
import { createActs, PageProvider } from './page.tsx';
import { bringsToken, keepToken, takeToken } from './session.ts';
import { initialState, reduce } from './state.ts';
import { Shell, SignIn } from './views/shell.tsx';

nameProgram(document.documentElement.dataset.program);
const root = createRoot(document.getElementById('page')!);
const token = takeToken();
if (token === null) askForToken(false);
else {
  const here = () => readAddress(new URL(window.location.href));
  const store = createStore(initialState(here(), Date.now()), reduce);
  const call = createCaller(token);
  const loader = startLoader(store, call, token, () => askForToken(true));
  window.addEventListener('popstate', () => store.dispatch({ type: 'address', address: here() }));
  root.render(
    <PageProvider value={createActs(store, call, loader)}>
      <Shell />
    </PageProvider>,
  );
}

// An address that is pasted into a tab that shows the page already loads nothing by itself.
window.addEventListener('hashchange', () => {
  if (bringsToken()) window.location.reload();
});

/** Whoever signs in starts anew: what was here belonged to another token, and the address says what is shown. */
function askForToken(refused: boolean): void {
  keepToken(null);
  const signIn = (given: string) => {
    keepToken(given);
    window.location.reload();
  };
  root.render(<SignIn refused={refused} onToken={signIn} />);
}
