import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBES } from '../../../src/client/check/catalogue.ts';
import { CheckReport } from '../../../src/contract/check.ts';
import { startExample } from '../../support/example-receiver.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli, startCarvos } from '../../support/program.ts';
import { unusedUrl } from '../../support/receiver.ts';
import { check, SECRET, serve } from './run-check.ts';

describe('what is shown', () => {
  test('a finding says why, where it is documented and how to fix it; without colour too', async () => {
    const url = await startExample('python', 'rewritten_json');
    const { stdout } = await check([url], { env: { NO_COLOR: '1' } });
    const { why, documented, fix } = PROBES.find(({ id }) => id === 'raw-bytes')!;
    expect(stdout).toMatch(/^✗ raw-bytes/m);
    expect(stdout).toMatch(/^✓ accepts-valid/m);
    expect(stdout).toContain('spaced JSON: 401 {"detail": "Invalid signature"}');
    for (const text of [why, documented, fix]) expect(stdout).toContain(text);
    expect(stdout.match(/^(Required|Recommended|Advisory)$/gm)).toHaveLength(3);
    expect(stdout).toMatch(/21 hold, 1 does not \(1 required\)/);
    expect((await check([url, '--color', 'always'])).stdout).toContain('\u001b[31m✗');
  });

  test('what is not judged names what comes first, and a wrong secret is recognized', async () => {
    const { stdout } = await check([await startExample('python', 'incoming_secret')]);
    expect(stdout).toContain('it accepts the incoming secret instead');
    expect(stdout).toMatch(/^– not judged: accepts-valid fails.*\(.*stale.*\)$/m);
  });

  test('without an incoming secret the other direction is not judged', async () => {
    const url = await startExample('python');
    const config = {
      ats: [
        {
          id: 'a',
          name: 'A',
          outgoingSecret: SECRET,
          incomingSecret: { env: 'NOT_SET' },
          apiKey: 'an-api-key',
        },
      ],
    };
    const cwd = tempFolder({ 'carvos.config.json': JSON.stringify(config) });
    const { stdout, code } = await check([url], { cwd });
    expect(stdout).toMatch(/^– not judged: the incoming secret is not set \(other-direction\)/m);
    expect(code).toBe(0);
  });

  test('the same secret in both directions is a finding', async () => {
    const url = await startExample('python');
    const { stdout, code } = await check([url], { env: { CARVOS_INCOMING_SECRET: SECRET } });
    expect(stdout).toContain('incoming and outgoing secret are the same');
    expect(code).toBe(1);
  });

  test('JUnit: valid XML that agrees with the exit code', async () => {
    const url = await startExample('python', 'ignores_age');
    for (const [failOn, failures] of [
      ['required', 0],
      ['recommended', 1],
    ] as const) {
      const { cwd, code } = await check([url, '--junit', 'out.xml', '--fail-on', failOn]);
      expect(code).toBe(failures);
      const suites = readJunit(join(cwd, 'out.xml'));
      expect(suites.root).toMatchObject({
        tests: `${PROBES.length}`,
        failures: String(failures),
        errors: '0',
      });
      expect(suites.cases).toHaveLength(PROBES.length);
      const stale = suites.cases.find(({ name }) => name.startsWith('stale:'))!;
      expect(stale.child).toBe(failures === 1 ? 'failure' : 'skipped');
      expect(stale.message).toContain('t ten minutes ago: accepted with 200');
      if (failures === 1) expect(stale.text).toMatch(/why: .*\ndocumented: .*\nfix: /);
      expect(suites.cases.find(({ name }) => name.startsWith('future:'))?.child).toBe('skipped');
      expect(suites.cases.filter(({ child }) => child === null)).toHaveLength(PROBES.length - 3);
    }
  });

  test('JUnit: nobody there is an error in each case that counts', async () => {
    const { cwd } = await check([await unusedUrl(), '--junit', 'out.xml']);
    const { root, cases } = readJunit(join(cwd, 'out.xml'));
    const required = PROBES.filter(({ level }) => level === 'required').length;
    expect(root).toMatchObject({ errors: String(required), skipped: String(PROBES.length - required) });
    expect(cases.filter(({ child }) => child === 'error')).toHaveLength(required);
  });

  test('Ctrl-C: what was found so far, and what was not tried; nothing holds', async () => {
    // The first event is taken, and no other has an answer.
    let asked = 0;
    const { url } = await serve((_request, response) => void (++asked === 1 && response.end('{}')));
    const cwd = tempFolder();
    const program = startCarvos(['check', url, '--timeout', '10m', '--junit', 'out.xml'], { cwd });
    await program.waitForText(/✓ accepts-valid/);
    program.kill('SIGINT');
    expect(await program.waitForExit()).toEqual({ code: 130, signal: null });
    expect(program.stdout).toContain(
      'not judged: the check was interrupted (every-event, missing-signature, ',
    );
    expect(program.stdout).toMatch(/\n1 holds, none fails, \d+ not judged/);
    const { root, cases } = readJunit(join(cwd, 'out.xml'));
    expect(root).toMatchObject({ failures: '0', skipped: String(PROBES.length - 1) });
    expect(cases[1]!.message).toBe('not judged: the check was interrupted');

    const before = asked;
    const asJson = startCarvos(['check', url, '--timeout', '10m', '--json'], { cwd });
    await expect.poll(() => asked).toBeGreaterThan(before);
    asJson.kill('SIGTERM');
    expect(await asJson.waitForExit()).toEqual({ code: 143, signal: null });
    const report = CheckReport.parse(JSON.parse(asJson.stdout));
    expect(report).toMatchObject({ holds: false, counts: { not_judged: PROBES.length } });
  });

  test('JUnit: a pipe is refused before anything is sent, since nobody may read from it', async () => {
    const cwd = tempFolder();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const { code, stdout, stderr } = await runCli(['check', '9', '--junit', 'pipe'], { cwd });
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringContaining('cannot write pipe: it is a pipe'),
    ]);
  });
});

const READ_JUNIT = `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = []
for case in root.iter("testcase"):
    child = case[0] if len(case) else None
    cases.append({"name": case.get("name"), "child": None if child is None else child.tag,
                  "message": "" if child is None else child.get("message"), "text": "" if child is None else child.text})
json.dump({"root": root.attrib, "cases": cases}, sys.stdout)
`;

/** Python's own parser as the judge of the XML. */
function readJunit(file: string): {
  root: Record<string, string>;
  cases: { name: string; child: string | null; message: string; text: string }[];
} {
  return JSON.parse(execFileSync('python3', ['-c', READ_JUNIT, file], { encoding: 'utf8' }));
}
