import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/fuzz/snapshots.mjs', import.meta.url));

test('mutated snapshots are refused or harmless, and the gateway goes on', async () => {
  const args = [SCRIPT, '--seed', '3', '--count', '40'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ count: 40, problems: [] });
  // Both kinds were there.
  expect(Math.min(result.refused, result.taken)).toBeGreaterThan(5);
}, 120_000);
