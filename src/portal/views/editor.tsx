import { useEffect, useId, useRef, useState } from 'react';
import type { EventDirection } from '../../contract/event-names.ts';
import type { EventCheck } from '../../contract/portal.ts';
import { usePage } from '../page.tsx';

/** The schema is asked after this much silence, in milliseconds. */
const TYPING_MS = 250;

/** A body as text, with its line numbers and what the schema says of its lines. */
export function Editor({
  direction,
  text,
  onChange,
}: {
  direction: EventDirection;
  text: string;
  onChange(text: string): void;
}) {
  const { call } = usePage();
  const [check, setCheck] = useState<EventCheck | null>(null);
  const numbers = useRef<HTMLOListElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => {
    const gone = new AbortController();
    const timer = setTimeout(() => {
      call('checkEvent', { body: { direction, text } }, gone.signal).then(setCheck, () => {});
    }, TYPING_MS);
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [call, direction, text]);
  const wrong = new Set(check?.problems.map(({ line }) => line));
  const lines = text.split('\n').length;
  const goTo = (line: number) => {
    const start = text.split('\n', line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(start, start);
  };
  return (
    <div className="editor">
      <div className="text">
        <ol ref={numbers} aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <li key={index} className={wrong.has(index + 1) ? 'wrong' : undefined} />
          ))}
        </ol>
        <textarea
          ref={area}
          aria-label="Body"
          aria-describedby={id}
          value={text}
          rows={Math.min(28, Math.max(8, lines))}
          wrap="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => numbers.current?.scrollTo(0, event.currentTarget.scrollTop)}
        />
      </div>
      <div id={id} className="complaints" aria-live="polite">
        {check !== null && check.problems.length === 0 && (
          <p className="good">✓ It fits the schema of {check.event}.</p>
        )}
        {check?.problems.map((one) => (
          <button type="button" key={`${one.path} ${one.message}`} onClick={() => goTo(one.line)}>
            <span>line {one.line}</span> {one.path !== '' && <code>{one.path}</code>} {one.message}
          </button>
        ))}
      </div>
    </div>
  );
}
