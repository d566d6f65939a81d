import { type ChangeEvent, type PropsWithChildren, type ReactNode, useEffect, useId, useRef } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { outcomeText } from '../../cli/text/outcome.ts';
import type { Outcome } from '../../contract/control.ts';
import { copyText } from '../acts.ts';
import { type Address, changeAddress, writeAddress } from '../address.ts';
import { type Answered, usePage, usePageActs } from '../page.tsx';

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
  const { go, store } = usePageActs();
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

export function Mark({ record }: { record: Parameters<typeof outcomeText>[0] }) {
  return <span className={`mark ${toneOf(record.outcome)}`}>{outcomeText(record)}</span>;
}

export function toneOf(outcome: Outcome): string {
  return outcome === 'success' ? 'good' : outcome === 'interrupted' ? 'warn' : 'bad';
}

type EmptyProps = PropsWithChildren<{ title: string; command?: string }>;

/** What to do where there is nothing yet, with the command that does the same. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div className="empty">
      <p className="head">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}

export function Command({ text, what = 'command' }: { text: string; what?: string }) {
  const page = usePage();
  return (
    <div className="command">
      <code>{text}</code>
      <Button text="Copy" kind="quiet" label={`Copy ${what}`} onPress={() => copyText(page, text, what)} />
    </div>
  );
}

export function Problem({ text, next }: { text: string; next?: string }) {
  return (
    <div className="problem" role="alert">
      <strong>{text}</strong>
      {next !== undefined && <p>{next}</p>}
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
  if (error !== null) return <Problem text={error.message} next={error.status === 404 ? next : undefined} />;
  return data === null ? <p className="dim pad">Reading…</p> : children(data);
}

type FieldsProps = PropsWithChildren<{
  /** What the button of the form says. */
  submit: string;
  onSubmit(): unknown;
  /** Whether what is typed will do. */
  ready: boolean;
}>;

/** Fields in a row, with the button that Enter presses as well. */
export function Fields({ children, submit, onSubmit, ready }: FieldsProps) {
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <button type="submit" className="button" disabled={!ready}>
        {submit}
      </button>
    </form>
  );
}

interface SelectProps {
  label: string;
  value: string;
  /** Values, with what they are called where that is something else. */
  options: readonly (string | readonly [value: string, text: string])[];
  onChange(value: string): void;
}

export function Select({ label, value, options, onChange }: SelectProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => {
          const [one, text = one] = [option].flat();
          return (
            <option key={one} value={one}>
              {text}
            </option>
          );
        })}
      </select>
    </label>
  );
}

interface InputProps {
  label: string;
  value: string;
  onChange(value: string): void;
  placeholder?: string;
  type?: 'url' | 'search' | 'password';
}

export function Input({ label, onChange, ...rest }: InputProps) {
  const set = (event: ChangeEvent<HTMLInputElement>) => onChange(event.target.value);
  return (
    <label className="field">
      <span>{label}</span>
      <input {...rest} onChange={set} autoComplete="off" spellCheck={false} />
    </label>
  );
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

interface TabsProps<T extends string> {
  label: string;
  names: Readonly<Record<T, string>>;
  chosen: T;
  onChoose(tab: T): void;
  children: ReactNode;
}

/** Tabs above what the chosen one shows. */
export function Tabs<T extends string>({ label, names, chosen, onChoose, children }: TabsProps<T>) {
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label}>
        {(Object.keys(names) as T[]).map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === chosen}
            onClick={() => onChoose(one)}
          >
            {names[one]}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={names[chosen]} className="tabpanel">
        {children}
      </div>
    </>
  );
}

/** Over the page, closed by Esc; what was focused is so again. */
export function Dialog({ title, onClose, children }: PropsWithChildren<{ title: string; onClose(): void }>) {
  const frame = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => frame.current?.showModal(), []);
  return (
    <dialog ref={frame} aria-labelledby={id} onClose={onClose}>
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

interface FactsProps {
  rows: Readonly<Record<string, ReactNode>>;
  className?: string;
}

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
