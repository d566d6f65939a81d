import { expect, test } from 'vitest';
import { childEnv } from '../../../src/cli/exec/run-child.ts';

test.each(['NO_PROXY', 'no_proxy'])('what %s says already stays in both', (name) => {
  const env = childEnv({ [name]: 'intern.example, ' }, {}, undefined);
  expect(env.NO_PROXY).toMatch(/^intern\.example,localhost,127\.0\.0\.1,/);
  expect(env.no_proxy).toBe(env.NO_PROXY);
});
