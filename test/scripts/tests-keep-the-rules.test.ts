import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALONE } from '../../vitest.config.ts';

/** What a test must not do itself, and the files that may, each with its reason. */
const RULES: { what: string; pattern: RegExp; instead: string; may: Record<string, string> }[] = [
  {
    what: 'measures how long something took',
    pattern:
      /performance\.now\(|hrtime|expect\((?:(?!\)\.(?:to|not)).)*\b(?:Date\.now|performance\.now)\(|expect\([^;]*duration_?ms[^;]*\)\.toBe(?:Less|Greater)/i,
    instead: 'count steps, compare the order, wait for content, or make it a benchmark',
    may: {
      'client/post-bytes.test.ts': 'more than nothing',
      'contract-suite/log.contract.ts': 'more than nothing',
      'contract-suite/outgoing.contract.ts': 'the 300 seconds that the contract allows',
      'emulator/ai/rules.test.ts': 'a lower bound: no busy machine breaks it',
      'emulator/behaviour/faults.test.ts': 'a lower bound: no busy machine breaks it',
      'emulator/control/api.test.ts': 'a time that is asked for',
      'emulator/delivery/send-attempt.test.ts': 'a result against its own figure',
      'http/standstill.test.ts': 'a result against its own figure',
      'support/crash/content-rounds.ts': 'chooses when to kill',
      'support/receiver.ts': 'what a receiver notes of a webhook',
    },
  },
  {
    what: 'sleeps',
    pattern: /\bsetTimeout\(|\bsleep\(|setTimeout as /,
    instead: 'wait for content: waitForText, expect.poll',
    may: {
      'cli/behaviour/soak.test.ts': 'a script that a child runs',
      'cli/commands/exec-ends.test.ts': 'a child that takes its time to end',
      'client/control-client.test.ts': 'a server that answers late',
      'contract-suite/target.ts': 'waits for content, without the rest of the tests',
      'e2e/leftovers.test.ts': 'kills at a random moment, by seed',
      'emulator/delivery/send-attempt.test.ts': 'a receiver that answers late',
      'http/standstill.test.ts': 'a server that answers late, on a thread of its own',
      'scripts/warm-program.test.ts': 'a script that a child runs',
      'support/crash/content-rounds.ts': 'kills at a random moment, by seed',
      'support/crash/gateway-process.ts': 'waits for content, without a test runner',
      'support/crash/run-rounds.ts': 'kills at a random moment, by seed',
      'support/program.ts': 'the limit of a wait',
      'support/receiver.ts': 'the limit of a wait',
      'support/tcp-port.ts': 'between two looks at a port',
    },
  },
  {
    what: 'starts a server of its own',
    pattern: /createServer(?:\(| as )/,
    instead: 'test/support/receiver.ts',
    may: {
      'cli/commands/exec-ends.test.ts': 'a script that a child runs',
      'cli/commands/exec-reports.test.ts': 'a script that a child runs',
      'cli/commands/operations.test.ts': 'a socket where a file should be',
      'cli/run/run.test.ts': 'a script that a child runs',
      'contract-suite/target.ts': 'on a port and an address that the environment chooses',
      'emulator/ai/module.test.ts': 'a module that the gateway loads',
      'emulator/behaviour/dead-name.test.ts': 'a script that a child runs',
      'emulator/in-process/exit.test.ts': 'a script that a child runs',
      'emulator/in-process/fake-timers.test.ts': 'a script that a child runs',
      'http/broken-requests.test.ts': 'with limits of its own for what is not read to its end',
      'http/connection-failures.test.ts': 'with certificates, and on ::1',
      'http/name-lookup.test.ts': 'on every address of the machine',
      'http/standstill.test.ts': 'a server that answers late, on a thread of its own',
      'support/certificates.ts': 'over TLS',
      'support/crash/receiver.ts': 'without a test runner',
      'support/receiver.ts': 'the helper',
    },
  },
  {
    what: 'signs by itself',
    pattern: /createHmac\(/,
    instead: 'test/support/sign.ts',
    may: {
      'contract-suite/target.ts': 'without the rest of the tests',
      'e2e/package.test.ts': 'a script that a child runs',
      'emulator/in-process/exit.test.ts': 'a script that a child runs',
      'signing/diagnose-edges.test.ts': 'signs wrongly, in many ways',
      'signing/diagnose.test.ts': 'signs wrongly, in many ways',
      'signing/rewritten-bodies.test.ts': 'signs wrongly, in many ways',
      'signing/usual-pairs.test.ts': 'signs wrongly, in many ways',
      'signing/verify.test.ts': 'signs wrongly, in many ways',
      'support/sign.ts': 'the helper',
    },
  },
  {
    what: 'starts a program by itself',
    pattern: /(?<![.\w])(?:spawn|fork)\(/,
    instead: 'test/support/program.ts',
    may: {
      'bench/peers.test.ts': 'a child that sends messages',
      'cli/behaviour/frame.test.ts': 'chooses the pipes',
      'cli/command-line/parse-light.test.ts': 'chooses the pipes',
      'cli/mcp/mcp.test.ts': 'chooses the pipes',
      'client/emulator-file.test.ts': 'only its number is wanted',
      'contract-suite/target.ts': 'without the rest of the tests',
      'e2e/stop.test.ts': 'in a process group of its own',
      'support/crash/gateway-process.ts': 'without a test runner',
      'support/program.ts': 'the helper',
      'support/warm-program.ts': 'the helper',
    },
  },
  {
    what: 'makes a temporary folder by itself',
    pattern: /mkdtempSync\(/,
    instead: 'test/support/folder.ts',
    may: {
      'contract-suite/target.ts': 'without the rest of the tests',
      'http/name-lookup.test.ts': 'needed while the file is read',
      'support/crash/content-rounds.ts': 'without a test runner',
      'support/crash/run-rounds.ts': 'without a test runner',
      'support/folder.ts': 'the helper',
    },
  },
];

const TESTS = join(import.meta.dirname, '..');
const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && name !== 'scripts/tests-keep-the-rules.test.ts',
);

test.each(RULES)('no test $what: $instead', ({ pattern, may }) => {
  const found = files.filter((name) =>
    readFileSync(join(TESTS, name), 'utf8')
      .split('\n')
      .some((line) => pattern.test(line)),
  );
  // In both directions: an exception that nobody needs any more goes.
  expect(found.sort()).toEqual(Object.keys(may).sort());
});

test('a test that changes what others of its worker would see has a process of its own', () => {
  const found = files.filter((name) =>
    /vi\.hoisted\(|vi\.mock\(|useFakeTimers\(|delete process\.env|process\.env\.\w+ = |Object\.assign\(process\.env/.test(
      readFileSync(join(TESTS, name), 'utf8'),
    ),
  );
  const alone = Object.keys(ALONE).map((name) => name.replace(/^test\//, ''));
  expect(found.filter((name) => name.includes('.test.')).sort()).toEqual(alone.sort());
});
