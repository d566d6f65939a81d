import { defineConfig } from 'vitest/config';

// The contract suite alone, against any gateway: CARVOS_CONTRACT_URL (README, "The contract suite").
export default defineConfig({
  test: {
    include: ['test/contract-suite/*.contract.ts'],
    // Content is waited for as long as a loaded machine may take: a limit ends what hangs, and judges nothing.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['verbose'],
  },
});
