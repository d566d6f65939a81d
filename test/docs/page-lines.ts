import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** README and the guides: what a user types stands in these. */
export const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs/guides')).map((name) => `docs/guides/${name}`),
];

/**
 * The command lines of a page, in their order: each line of its shell blocks, what follows `$` in its console
 * blocks, and each call of carvos with arguments in its text. Included files have tests of their own.
 */
export function readLines(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^<!-- include[\s\S]*?^<!-- end -->$/gm, '');
  const found = text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$|`((?:npx )?carvos [^`\n]+)`/gm);
  return [...found].flatMap(([, language, body = '', call]) => {
    if (call !== undefined) return isName(call) ? [] : [call];
    const lines = body.replaceAll(/\\\n\s*/g, '').split('\n');
    if (language === 'sh') return lines.map((line) => line.trim()).filter((line) => line !== '');
    return language === 'console'
      ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
      : [];
  });
}

/** `carvos dev` and `carvos deliveries show` name a command; nobody is told to type them as they stand. */
function isName(call: string): boolean {
  return /^carvos [a-z]+( show)?$/.test(call);
}
