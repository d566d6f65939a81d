import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, by `npm run slowest`: begun last, one of them alone would hold up the end of a run. */
const SLOW = [
  'fixtures/kits',
  'e2e/fuzz',
  'e2e/hostile-output',
  'portal/page',
  'docs/command-lines',
  'cli/check/python-receivers',
  'portal/security',
  'e2e/package',
  'cli/check/crash',
  'e2e/memory',
  'e2e/https-clients',
  'signing/written',
  'cli/check/express-receivers',
  'e2e/container',
  'e2e/json-output',
  'e2e/inspect',
  'cli/run/run',
  'emulator/behaviour/isolation',
  'e2e/loads',
  'emulator/behaviour/ordering',
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
