import { defineConfig } from 'vitest/config';

// The contract suite alone, against any gateway: CARVOS_CONTRACT_URL (README, "The contract suite").
export default defineConfig({
  test: {
    include: ['test/contract-suite/*.contract.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['verbose'],
  },
});
