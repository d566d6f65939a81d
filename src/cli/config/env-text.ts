import { parseEnv } from 'node:util';

/** What a `.env` says, and what in it does not say what it seems to. */
export interface EnvText {
  values: Record<string, string | undefined>;
  /** Lines that are left out, each with its reason. */
  problems: { line: number; message: string }[];
  /** What is odd about a value, by variable: told when the value is used. */
  doubts: Map<string, { line: number; message: string }>;
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)[^\S\n]*=[^\S\n]*(.*)$/;

/** Reads a `.env`. A line that is no assignment would take the next one with it, so it is left out and told. */
export function parseEnvText(text: string): EnvText {
  const lines = text.split(/\r\n|\r|\n/);
  const problems: EnvText['problems'] = [];
  const doubts: EnvText['doubts'] = new Map();
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, value = ''] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) {
      problems.push({ line: index + 1, message: describeLine(line) });
      lines[index] = '';
      continue;
    }
    const quote = /^["'`]/.exec(value)?.[0];
    if (quote === undefined) {
      if (/[^\s#]#|^#\S/.test(value)) {
        const message = `the value of ${name} ends before the #: put it into quotes if the # belongs to it`;
        doubts.set(name, { line: index + 1, message });
      }
      continue;
    }
    if (value.includes(quote, 1)) continue;
    const end = lines.findIndex((later, at) => at > index && later.includes(quote));
    if (end < 0) {
      doubts.set(name, {
        line: index + 1,
        message: `the quote in front of the value of ${name} is not closed`,
      });
    } else index = end;
  }
  return { values: parseEnv(lines.join('\n')), problems, doubts };
}

/** The line itself may be a secret. */
function describeLine(line: string): string {
  const what = 'this line is left out: it is not NAME=value';
  if (/^\s*[\w.-]+\s*:/.test(line)) return `${what} (an = instead of the : would make it one)`;
  return /^\s*(?:set\s|\$env:)/i.test(line) ? `${what} (it is written as for a shell of Windows)` : what;
}
