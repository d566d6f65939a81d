import { type PropsWithChildren, type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { outcomeText } from '../../cli/text/outcome.ts';
import type { Outcome } from '../../contract/control.ts';
import { calledAs } from '../../files/called-as.ts';
import { copyText } from '../acts.ts';
import { type Address, changeAddress, writeAddress } from '../address.ts';
import { type Answered, useActs } from '../page.tsx';

/** Small things that every view is made of. */

interface ButtonProps {
  text: string;
  onPress(): unknown;
  kind?: 'main' | 'quiet';
  disabled?: boolean;
  /** What is read aloud where the text alone says too little. */
  label?: string;
  shortcut?: string;
}

export function Button({ text, onPress, kind, disabled, label = text, shortcut }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${kind ?? ''}`}
      onClick={onPress}
      disabled={disabled}
      aria-label={label}
      aria-keyshortcuts={shortcut}
      title={shortcut && `${label} ${shortcut}`}
    >
      {text}
    </button>
  );
}

type GoProps = PropsWithChildren<{ to: Partial<Address>; className?: string }>;

/** A link within the page; also good for a new tab. */
export function Go({ to, children, className }: GoProps) {
  const { go, store } = useActs();
  return (
    <a
      href={writeAddress(changeAddress(store.get().address, to))}
      className={className}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}

/** The state of a delivery, a job or a trace. */
export function Badge({ state }: { state: string }) {
  return <span className={`state ${state}`}>{state}</span>;
}

export function Mark({ record }: { record: Parameters<typeof outcomeText>[0] }) {
  return <span className={`mark ${toneOf(record.outcome)}`}>{outcomeText(record)}</span>;
}

export function toneOf(outcome: Outcome): string {
  return outcome === 'success' ? 'good' : outcome === 'interrupted' ? 'warn' : 'bad';
}

type EmptyProps = PropsWithChildren<{ title: string; command?: string }>;

/** A command of carvos as it has to be typed. */
export const typed = (command: string) => `${calledAs()} ${command}`;

/** What to do where there is nothing yet, with the command of carvos that does the same. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <p className="head">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <Command text={typed(command)} />}
    </div>
  );
}

export function Command({ text, what = 'command' }: { text: string; what?: string }) {
  const page = useActs();
  return (
    <div className="command">
      <code>{text}</code>
      <Button text="Copy" kind="quiet" label={`Copy ${what}`} onPress={() => copyText(page, what, text)} />
    </div>
  );
}

/** What went wrong, with what to do about it; where that is not known, it can pass. */
export function Problem({ text, next }: { text: string; next?: string }) {
  const { loader } = useActs();
  return (
    <div className="problem" role="alert">
      <strong>{text}</strong>
      {next === undefined ? <Button text="Try again" onPress={loader.nudge} /> : <p>{next}</p>}
    </div>
  );
}

interface AnswerProps<T> {
  of: Answered<T>;
  /** What to do where there is no such thing. */
  next?: string;
  children(data: T): ReactNode;
}

/** What a call answered, once it did. */
export function Answer<T>({ of: { data, error }, next, children }: AnswerProps<T>) {
  if (data !== null) return children(data);
  if (error === null) return <p className="dim pad">Reading…</p>;
  return <Problem text={error.message} next={error.status === 404 ? next : undefined} />;
}

type PanelProps = PropsWithChildren<{ title: string; actions?: ReactNode }>;

export function Panel({ title, actions, children }: PanelProps) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Over the page, closed by Esc before the next key comes (the browser's `close` is later); what was focused is so again. */
export function Dialog({ title, onClose, children }: PropsWithChildren<{ title: string; onClose(): void }>) {
  const frame = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = frame.current!;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('input, textarea')?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog ref={frame} aria-labelledby={id} onCancel={onClose} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <Button text="Esc" kind="quiet" label="Close" onPress={onClose} />
      </header>
      {children}
    </dialog>
  );
}

interface ItemsProps<T> {
  of: readonly T[];
  /** What is said where there are none. */
  empty: ReactNode;
  children(item: T): ReactNode;
}

export function Items<T>({ of, empty, children }: ItemsProps<T>) {
  return of.length === 0 ? empty : <ul className="plain cards">{of.map(children)}</ul>;
}

type FactsProps = { rows: Readonly<Record<string, ReactNode>>; className?: string };

/** Names and values; a text may be anything that came over the wire. */
export function Facts({ rows, className = 'facts' }: FactsProps) {
  const known = Object.entries(rows).filter(([, value]) => value !== null);
  return (
    <dl className={className}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{neutralize(name)}</dt>
          <dd>{typeof value === 'string' ? neutralize(value) : value}</dd>
        </div>
      ))}
    </dl>
  );
}
