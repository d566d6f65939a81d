import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, by `npm run slowest`: begun last, one of them alone would hold up the end of a run. */
const SLOW = [
  'e2e/hostile-output',
  'docs/command-lines',
  'cli/check/python-receivers',
  'portal/security',
  'e2e/package',
  'cli/check/express-receivers',
  'cli/commands/exec',
  'e2e/fuzz',
  'e2e/json-output',
  'e2e/https-receivers',
  'e2e/leftovers',
  'cli/commands/dev',
  'e2e/schedule',
  'e2e/memory',
  'signing/diagnose',
  'signing/written',
];

/** The slow files first, the longest of them at once; behind them vitest's own order. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = SLOW.findIndex((name) => moduleId.includes(`/test/${name}.test.`));
      return index < 0 ? SLOW.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
