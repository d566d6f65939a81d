import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { spawnProgram } from './program.ts';

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
export async function startExample(
  language: Language,
  mistake?: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { program, extension } = HOW[language];
  const name = mistake === undefined ? 'receiver' : `mistakes/${mistake}`;
  const { waitForText } = spawnProgram(program, [`${FOLDER}${language}/${name}.${extension}`], {
    env: {
      PORT: '0',
      CARVOS_OUTGOING_SECRET: 'demo-outgoing-secret',
      PYTHONDONTWRITEBYTECODE: '1',
      NODE_ENV: undefined,
      ...env,
    },
  });
  const [, url] = await waitForText(/^listening on (\S+)\n/m);
  return url!;
}
