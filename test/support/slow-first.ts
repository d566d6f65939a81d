import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, by `npm run slowest`: begun last, one of them alone would hold up the end of a run. */
const SLOW = [
  'portal/page',
  'fixtures/kits',
  'e2e/fuzz',
  'e2e/hostile-output',
  'e2e/memory',
  'e2e/package',
  'docs/command-lines',
  'cli/check/python-receivers',
  'cli/check/crash',
  'portal/security',
  'signing/written',
  'emulator/snapshot/hostile-snapshots',
  'e2e/container',
  'portal/errors',
  'cli/run/run',
  'cli/check/express-receivers',
  'e2e/leftovers',
  'cli/commands/send-many',
  'e2e/loads',
  'emulator/ai/module',
  'e2e/crash',
  'cli/completion/terminal',
  'cli/mcp/mcp',
  'bench/peers',
  'e2e/inspect',
  'signing/diagnose',
  'cli/commands/dev-changes',
  'e2e/json-output',
  'e2e/exit-codes',
  'emulator/behaviour/slow-clients',
  'emulator/processing/cv-limits',
];

/**
 * The slow files first, the longest of them at once; behind them vitest's own order. Before all of them what runs
 * alone: a worker that finds such a file next ends, and all that it had loaded would be loaded once more.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = SLOW.findIndex((name) => moduleId.includes(`/test/${name}.test.`));
      return index < 0 ? SLOW.length : index;
    };
    const isShared = ({ project }: TestSpecification) => Number(project.name === 'shared');
    return (await super.sort(files)).sort((a, b) => isShared(a) - isShared(b) || rank(a) - rank(b));
  }
}
