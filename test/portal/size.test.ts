import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const ASSETS = join(import.meta.dirname, '../../dist/portal/assets');

test('the page is small: 100 KB with all that belongs to it, and no schema library in it', () => {
  const files = readdirSync(ASSETS).map((name) => readFileSync(join(ASSETS, name)));
  expect(files.map((file) => gzipSync(file, { level: 9 }).length).reduce((a, b) => a + b)).toBeLessThan(
    100_000,
  );
});
