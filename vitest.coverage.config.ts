import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Run by `npm run coverage`, which tells the folder for the coverage of child processes. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      // vitest empties the folder of its report: what children leave lies beside it.
      setupFiles: ['scripts/coverage-children.mjs'],
      coverage: {
        enabled: true,
        reporter: ['json'],
        reportOnFailure: true,
        reportsDirectory: 'coverage/tests',
      },
    },
  }),
);
