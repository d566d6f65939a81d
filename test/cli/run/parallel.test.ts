import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ScenariosDocument } from '../../../src/contract/output/running.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** Faults, a retry, a replay and a read, each of which would show what belongs to another scenario. */
function scenario(number: number): string {
  const own = `[Name${number}, Next${number}]`;
  const first = (number % 3) + 1;
  return `name: scenario ${number}
vars: { candidate: "c-\${run.id}" }
steps:
  - fault: { kind: status-503, first: ${first} }
  - send: candidate.created
    set: { candidate_id: "\${candidate}", first_name: Name${number} }
    expect: { outcome: delivered, attempts: ${first + 1}, data.first_name: Name${number} }
    save: { delivery: delivery_id }
  - clear: true
  - send: candidate.updated
    set: { candidate_id: "\${candidate}", first_name: Next${number} }
    expect: { outcome: delivered, attempts: 1, data.first_name: Next${number} }
  - replay: "\${delivery}"
    expect: { outcome: success, attempt_count: 1 }
  - none: { data.first_name: { not: { oneOf: ${own} } }, for: 50ms }
  - request: GET /v1/candidates/\${candidate}
    headers: { X-ATS-Client-ID: acme-corp, X-ATS-User-ID: admin-user }
    expect: { status: 200, body.first_name: Next${number} }
`;
}

test('sixteen scenarios, eight at once, do not meet', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'flows'));
  for (let number = 0; number < 16; number++)
    writeFileSync(join(folder, 'flows', `${number}.yaml`), scenario(number));
  const { code, stdout } = await runCli(['run', 'flows', '--parallel', '8', '--json'], { cwd: folder });
  const { passed, failed, scenarios } = JSON.parse(stdout) as ScenariosDocument;
  expect([code, passed, failed]).toEqual([0, 16, 0]);
  expect(scenarios.every(({ steps }) => steps.length === 7 && steps.every(({ ok }) => ok))).toBe(true);
});
