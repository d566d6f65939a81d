import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STATEMENTS, type Statement } from './statements.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

test('every [doc] statement has its test, or says why none can show it', () => {
  const text = readdirSync(folder)
    .filter((file) => file.endsWith('.contract.ts'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
    .join('\n');
  const proven = [...text.matchAll(/^prove\('([a-z0-9-]+)'/gm)].map(([, id]) => id!);
  const expected = Object.entries<Statement>(STATEMENTS)
    .filter(([, one]) => one.unproven === undefined)
    .map(([id]) => id);
  expect(proven.sort()).toEqual(expected.sort());
});

test('the suite uses nothing of the sources', () => {
  for (const file of readdirSync(folder)) {
    const imports = [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/^.* from '([^']+)';$/gm)].map(
      ([, one]) => one!,
    );
    for (const one of imports)
      expect([file, one]).toEqual([file, expect.stringMatching(/^(node:|\.\/|vitest)/)]);
  }
});
