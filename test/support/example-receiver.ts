import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Program, spawnProgram } from './program.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/receivers/', import.meta.url));

export type Language = 'express' | 'python';

const HOW = {
  express: { program: process.execPath, extension: 'mjs' },
  python: { program: 'python3', extension: 'py' },
} as const;

/** The names of the example receivers that each make one mistake. */
export function mistakesIn(language: Language): string[] {
  const ending = `.${HOW[language].extension}`;
  return readdirSync(`${FOLDER}${language}/mistakes`)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/**
 * Starts an example receiver on a free port: the right one, or the one with this mistake. Ends with the test.
 *
 * @returns its webhook URL.
 */
export async function startExample(language: Language, mistake?: string): Promise<string> {
  const { waitForText } = start(language, [fileOf(language, mistake)]);
  const [, url] = await waitForText(/^listening on (\S+)\n/m);
  return url!;
}

/** Starts the examples with these mistakes, all in one process. @returns the webhook URL of each. */
export async function startExamples(language: Language, mistakes: string[]): Promise<Record<string, string>> {
  const { extension } = HOW[language];
  const files = mistakes.map((mistake) => fileOf(language, mistake));
  const host = start(language, [`${import.meta.dirname}/example-host.${extension}`, ...files]);
  const listening = () => [...host.stdout.matchAll(/^(\S+) listening on (\S+)\n/gm)];
  const all = await host.waitUntil(
    () => listening().length === mistakes.length && listening(),
    'all to listen',
  );
  return Object.fromEntries(all.map(([, name, url]) => [name!, url!]));
}

const fileOf = (language: Language, mistake?: string) =>
  `${FOLDER}${language}/${mistake === undefined ? 'receiver' : `mistakes/${mistake}`}.${HOW[language].extension}`;

function start(language: Language, args: string[]): Program {
  return spawnProgram(HOW[language].program, args, {
    env: {
      PORT: '0',
      CARVOS_OUTGOING_SECRET: 'demo-outgoing-secret',
      PYTHONDONTWRITEBYTECODE: '1',
      NODE_ENV: undefined,
    },
  });
}
