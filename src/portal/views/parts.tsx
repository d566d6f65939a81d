import { type ReactNode, useEffect, useId, useRef } from 'react';
import { outcomeText } from '../../cli/text/outcome.ts';
import type { Outcome } from '../../contract/control.ts';
import { type Address, writeAddress } from '../address.ts';
import { copyText } from '../copy-text.ts';
import { usePage } from '../page.tsx';

/** Small things that every view is made of. */

export function Button({
  onPress,
  children,
  kind = 'plain',
  ...rest
}: {
  onPress(): void;
  children: ReactNode;
  kind?: 'plain' | 'main' | 'quiet';
  disabled?: boolean;
  label?: string;
  shortcut?: string;
}) {
  return (
    <button
      type="button"
      className={`button ${kind}`}
      onClick={onPress}
      disabled={rest.disabled}
      aria-label={rest.label}
      aria-keyshortcuts={rest.shortcut}
      title={rest.shortcut && `${rest.label ?? ''} ${rest.shortcut}`.trim()}
    >
      {children}
    </button>
  );
}

/** A link within the page; also good for a new tab. */
export function Go({
  to,
  children,
  className,
}: {
  to: Partial<Address>;
  children: ReactNode;
  className?: string;
}) {
  const { go, state } = usePage();
  const same = to.place === undefined || to.place === state.address.place;
  const address = { ...(same ? state.address : { ...state.address, id: null, query: {} }), ...to };
  return (
    <a
      href={writeAddress(address)}
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

/** What to do where there is nothing yet, with the command that does the same. */
export function Empty({
  title,
  children,
  command,
}: {
  title: string;
  children?: ReactNode;
  command?: string;
}) {
  return (
    <div className="empty">
      <p className="head">{title}</p>
      {children !== undefined && <p>{children}</p>}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}

export function Command({ text }: { text: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <Copy text={text} what="command" />
    </div>
  );
}

export function Copy({
  text,
  what,
  children = 'Copy',
}: {
  text: string | (() => string);
  what: string;
  children?: ReactNode;
}) {
  const { dispatch } = usePage();
  return (
    <Button kind="quiet" label={`Copy ${what}`} onPress={() => void copyText(dispatch, text, what)}>
      {children}
    </Button>
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

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children(id: string): ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint !== undefined && <small>{hint}</small>}
    </div>
  );
}

export function Select({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChange(value: string): void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Input({
  label,
  value,
  onChange,
  hint,
  ...rest
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: string;
  placeholder?: string;
  type?: 'text' | 'url' | 'search' | 'password';
}) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type={rest.type ?? 'text'}
          value={value}
          placeholder={rest.placeholder}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </Field>
  );
}

export function Panel({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Over the page, closed by Esc; what was focused is so again. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose(): void;
  children: ReactNode;
}) {
  const frame = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    frame.current?.showModal();
  }, []);
  return (
    <dialog ref={frame} aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" label="Close" onPress={onClose}>
          Esc
        </Button>
      </header>
      {children}
    </dialog>
  );
}

export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
