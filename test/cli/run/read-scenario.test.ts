import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../../src/cli/run/read-scenario.ts';
import type { ErrorLike } from '../../../src/cli/terminal/errors.ts';

function refusal(text: string | Buffer): { message: string; where: string } {
  try {
    parseScenario('flow.yaml', typeof text === 'string' ? Buffer.from(text) : text);
  } catch (error) {
    const { message, where, exitCode } = error as ErrorLike;
    expect(exitCode).toBe(2);
    return { message, where: String(where) };
  }
  throw new Error('it was taken');
}

const GOOD = 'steps:\n  - send: candidate.created\n';

describe('a wrong file is refused with its place, before anything is sent', () => {
  test.each([
    ['an unknown step', 'steps:\n  - sned: x\n', /there is no step sned\. Did you mean send/, ':2:5'],
    ['an unknown key', `${GOOD}stops: 1\n`, /there is no key stops\. Did you mean steps/, ':3:1'],
    [
      'an unknown field of a step',
      'steps:\n  - send: x\n    sett: {}\n',
      /a step send has no sett\. Did you mean set/,
      ':3:5',
    ],
    ['a wrong type', 'steps:\n  - send: x\n    via: fax\n', /send: via/, ':3:5'],
    [
      'an unknown variable',
      'steps:\n  - send: x\n    set: { a: "${nobody}" }\n',
      /there is no variable nobody/,
      ':3:12',
    ],
    [
      'one that is saved only later',
      'steps:\n  - send: "${late}"\n  - send: x\n    save: { late: event }\n',
      /no variable late yet/,
      ':2:5',
    ],
    [
      'a circle of references',
      'vars: { a: "${b}", b: "${a}" }\nsteps: [{ send: x }]\n',
      /a refers to b/,
      ':1:9',
    ],
    ['duplicate keys', 'steps:\n  - send: x\n    send: y\n', /unique/i, ':3:5'],
    ['a tab', 'steps:\n\t- send: x\n', /tab/i, ':2:1'],
    ['no steps', 'name: x\n', /steps must be a list/, ''],
    ['no object', '- 1\n', /a scenario is an object/, ':1:1'],
    ['a wrong duration', 'steps:\n  - none:\n      for: soon\n', /none: none\.for: /, ':3:7'],
    [
      'a variable that the environment lacks',
      'steps:\n  - send: x\n    set: { a: "${env.NOT_SET}" }\n',
      /the environment has no NOT_SET/,
      ':3:12',
    ],
    [
      'a field that no delivery has',
      'steps:\n  - send: x\n    expect: { status: success, statuses: z }\n',
      /a delivery has no statuses\. Did you mean status/,
      ':3:32',
    ],
    [
      'an outcome that no delivery has',
      'steps:\n  - expect: { outcome: deliverd }\n',
      /no delivery has the outcome deliverd\. Did you mean delivered/,
      ':2:15',
    ],
    ['what is no path', 'steps:\n  - request: GET /\n    expect: { "body..x": 1 }\n', /no path/, ':3:15'],
    [
      'a pattern that is none',
      'steps:\n  - expect:\n      data.a: { matches: "(" }\n',
      /Invalid regular expression/,
      ':3:17',
    ],
    ...[
      '(a+)+$',
      String.raw`^(\w+\s?)*$`,
      '^(.*)*x$',
      String.raw`^([a-z0-9]+-?)+\.example$`,
      '(welder|wel+der)+!',
    ].map((pattern): [string, string, RegExp, string] => [
      `the pattern ${pattern}, which runs away`,
      `steps:\n  - send: x\n    expect:\n      data.a:\n        not: { matches: '${pattern}' }\n`,
      /the pattern runs away on text like/,
      ':5:16',
    ]),
    [
      'a variable that has a value of its own',
      `vars: { now: x }\n${GOOD}`,
      /\$\{now\} has a value of/,
      ':1:9',
    ],
    [
      'the same by save',
      'steps:\n  - send: x\n    save: { now: data.score }\n',
      /\$\{now\} has a value of its own/,
      ':3:13',
    ],
    [
      'an alias of itself',
      'vars:\n  a: &a [*a]\nsteps: [{ send: x }]\n',
      /an alias stands inside what it stands for/,
      ':2:10',
    ],
  ])('%s', (_name, text, message, place) => {
    const found = refusal(text);
    expect(found.message).toMatch(message);
    expect(found.where).toContain(`flow.yaml${place}`);
  });

  test('aliases that multiply are no memory', () => {
    const levels = Array.from({ length: 12 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
        : `a${index}: &a${index} [${Array(9)
            .fill(`*a${index - 1}`)
            .join(', ')}]`,
    );
    const found = refusal(`vars:\n  ${levels.join('\n  ')}\n${GOOD}`);
    expect(found.message).toMatch(/alias/i);
    expect(found.where).toMatch(/^flow\.yaml:5:\d+$/);
  });

  test('a megabyte, a binary file', () => {
    const large = refusal(`${GOOD}#${'x'.repeat(1024 * 1024)}`);
    expect(large.message).toContain('256 KiB');
    expect(large.where).toBe(`flow.yaml:3:${256 * 1024 - GOOD.length + 1}`);
    for (const bytes of [
      Buffer.from([0x50, 0x4b, 3, 4, 0, 0xff]),
      Buffer.concat([Buffer.from(GOOD), Buffer.from([0x23, 0xe9, 0x0a])]),
    ]) {
      const binary = refusal(bytes);
      expect(binary.message).toContain('no text in UTF-8');
      expect(binary.where).toMatch(/^flow\.yaml:(1:5|3:2)$/);
    }
  });
});

test('what is wrong in UTF-16 has its place too', () => {
  const text = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('steps:\n  - sned: é\n', 'utf16le')]);
  expect(refusal(text).where).toContain('flow.yaml:2:5');
});

test('patterns that take their time, but not forever, are taken', () => {
  for (const pattern of [
    String.raw`^[\w.+-]+@[\w-]+(\.[\w-]+)+$`,
    '^a.*b.*c$',
    String.raw`^(\d{1,3}\.){3}\d+$`,
  ])
    parseScenario('flow.yaml', Buffer.from(`steps:\n  - expect:\n      data.a: { matches: '${pattern}' }\n`));
});

test('UTF-16, a BOM and CR LF are read', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(GOOD, 'utf16le')]);
  for (const bytes of [utf16, Buffer.from(`\ufeff${GOOD}`), Buffer.from(GOOD.replaceAll('\n', '\r\n'))]) {
    expect(parseScenario('flow.yaml', bytes).steps).toMatchObject([{ kind: 'send', line: 2 }]);
  }
});

test('JSON is read as YAML is, with its places', () => {
  expect(parseScenario('flow.json', Buffer.from('{"steps": [{"send": "x"}]}')).name).toBe('flow.json');
  expect(refusal('{\n "steps": [\n  {"sned": 1}]}').where).toContain(':3:3');
});
