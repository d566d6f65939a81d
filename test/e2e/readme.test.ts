import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectKnownFlags } from '../support/known-flags.ts';

const root = join(import.meta.dirname, '../..');
const GUIDES = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`);
const PAGES = ['README.md', ...GUIDES].map((name) => readFileSync(join(root, name), 'utf8'));

/** What stands in the pages' blocks of a language. */
function blocks(language: string): string[] {
  return PAGES.flatMap((page) => [...page.matchAll(/^ *```([a-z]+)\n([\s\S]*?)^ *```$/gm)])
    .filter(([, named]) => named === language)
    .map(([, , text]) => text!);
}

/** Commands of the pages' shell blocks and YAML, as words. */
const CALLS = [...blocks('sh'), ...blocks('yaml')]
  .flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'))
  .flatMap((line) => [...line.matchAll(/npx carvos ([^#|<>&)]*)/g)].map(([, rest]) => rest!.trim()))
  .filter((call) => call !== '');

test('README is short, and so is each guide', () => {
  const [readme, ...guides] = PAGES.map((page) => page.trimEnd().split('\n').length);
  expect(readme).toBeLessThanOrEqual(220);
  expect(Math.max(...guides)).toBeLessThanOrEqual(250);
});

describe('README and guides', () => {
  test.each([...new Set(CALLS)])('names flags that exist: carvos %s', async (call) => {
    await expectKnownFlags(call);
  });
});
