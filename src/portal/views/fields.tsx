import { type ReactNode, useState } from 'react';
import { readTarget, TARGET_FORMS } from '../../cli/text/target.ts';

/** What is chosen and typed. */

/** A value, with what it is called where that is something else. */
type Option<T extends string> = T | readonly [value: T, text: string];

function readOption<T extends string>(option: Option<T>): readonly [value: T, text: string] {
  return typeof option === 'string' ? [option, option] : option;
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange(value: NoInfer<T>): void;
}

export function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map(readOption<T>).map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
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
  return (
    <label className="field">
      <span>{label}</span>
      <input
        {...rest}
        onChange={({ target }) => onChange(target.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </label>
  );
}

interface AskProps extends Omit<InputProps, 'value' | 'onChange'> {
  submit: string;
  /** What stands there first. */
  start?: string;
  /** What to type instead of what will not do, in words; `null` where it will. By default any text will. */
  refuse?(text: string): string | null;
  onSubmit(text: string): unknown;
  /** What is chosen with it. */
  children?: ReactNode;
}

/** A field, with the button that Enter presses as well. */
export function Ask({ submit, start = '', refuse, onSubmit, children, ...field }: AskProps) {
  const [typed, setTyped] = useState(start);
  const text = typed.trim();
  const refusal = refuse === undefined && text === '' ? '' : (refuse?.(text) ?? null);
  return (
    <form
      className="filters"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(text);
      }}
    >
      {children}
      <Input {...field} value={typed} onChange={setTyped} />
      <button type="submit" className="button" disabled={refusal !== null}>
        {submit}
      </button>
      {text !== '' && refusal && (
        <p role="status" className="dim">
          {refusal}
        </p>
      )}
    </form>
  );
}

/** Asks for a receiver, as the commands do: a port of this machine is enough. */
export function AskTarget({
  onSubmit,
  ...ask
}: Pick<AskProps, 'label' | 'submit'> & { onSubmit(url: string): unknown }) {
  return (
    <Ask
      {...ask}
      type="url"
      placeholder="http://127.0.0.1:3000/webhooks/carvos"
      refuse={(text) => (readTarget(text) === null ? TARGET_FORMS : null)}
      onSubmit={(text) => onSubmit(readTarget(text)!.href)}
    />
  );
}

interface TabsProps<T extends string> {
  label: string;
  options: readonly Option<T>[];
  chosen: T;
  onChoose(tab: T): void;
  children: ReactNode;
}

/** Tabs above what the chosen one shows. */
export function Tabs<T extends string>({ label, options, chosen, onChoose, children }: TabsProps<T>) {
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label}>
        {options.map(readOption<T>).map(([one, text]) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === chosen}
            onClick={() => onChoose(one)}
          >
            {text}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={chosen} className="tabpanel">
        {children}
      </div>
    </>
  );
}
