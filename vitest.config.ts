import { configDefaults, defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/slow-first.ts';

/** Test files that change what others would see, and how: each has a process of its own. */
export const ALONE: Record<string, string> = {
  'test/emulator/behaviour/replay.test.ts': 'the clock that the emulator captures when it is loaded',
  'test/emulator/delivery/schedule.test.ts': 'the clock that the emulator captures when it is loaded',
  'test/emulator/in-process/fake-timers.test.ts': 'fake timers',
  'test/emulator/time/clock.test.ts': 'fake timers',
  'test/http/name-lookup.test.ts': 'the process that looks names up, with a resolver of its own',
};

export default defineConfig({
  test: {
    // Content is waited for as long as a loaded machine may take: a limit ends what hangs, and judges nothing.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    globalSetup: ['test/support/global-setup.ts'],
    // Many tests wait for a program or a receiver: five fill two cores.
    maxWorkers: 5,
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: Object.keys(ALONE) },
      },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts', 'test/**/*.test.tsx', 'test/contract-suite/*.contract.ts'],
          exclude: [...configDefaults.exclude, ...Object.keys(ALONE)],
          // What the files load is loaded once in each worker, and not 200 times.
          isolate: false,
        },
      },
    ],
    coverage: { include: ['src/**'], reporter: ['text-summary', 'json'] },
  },
});
