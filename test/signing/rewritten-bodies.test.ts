import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { diagnose, type FindingCode } from '../../src/signing/index.ts';

// What is hashed here was written by the serializers themselves, and signed by node:crypto alone.
const T = 1_768_472_880;
const SECRET = 'outgoing-secret-value';

function hmac(body: Uint8Array | string, secret = SECRET): string {
  return createHmac('sha256', secret).update(`${T}.`).update(body).digest('hex');
}

/** What the diagnosis finds in a signature over `hashed` beside the body that arrived. */
function find(
  body: Uint8Array | string,
  hashed: Uint8Array | string,
  { secret = SECRET, budget = 1_000_000 } = {},
) {
  const result = diagnose({
    body: Buffer.from(body),
    header: `t=${T},v1=${hmac(hashed, secret)}`,
    secrets: [{ value: secret, role: 'expected' }],
    now: T,
    budget,
  });
  return result.findings;
}

const codes = (...given: Parameters<typeof find>): FindingCode[] => find(...given).map(({ code }) => code);

function python(program: string, input: string): string {
  return execFileSync('python3', ['-c', `import json, sys\nbody = sys.stdin.read()\n${program}`], {
    input,
    encoding: 'utf8',
  });
}

describe('JSON that was read and written again', () => {
  test.each([
    ['keys like an index come first', '{"b": 1, "10": 2, "2": 3, "4294967295": 4}'],
    ['of a key that is there twice the last counts', '{"a": 1, "b": 2, "a": 3}'],
    ['empty lists and objects', '{"list": [ ], "object": { }, "nested": [[], [{}]]}'],
    ['escapes', '{"text": "\\u0041 \\/ \\" \\\\ \\b \\f \\n \\r \\t \\u0001 \\u00e9 \\u2028"}'],
    ['numbers', '[-0, 0, 0.0, -0.0, 1.50, -1.25e2, 1e21, 1.5E-7, 123456789012345680000, true, false, null]'],
    ['numbers beyond all bounds', '[1e400, -1e400]'],
  ])('by JavaScript: %s', (_name, body) => {
    const written = JSON.stringify(JSON.parse(body));
    expect(codes(body, written)).toEqual(['body_reserialized']);
  });

  it('by Python with separators of its own, which are no line breaks that somebody trimmed', () => {
    const body = '{"event":"candidate.created","data":{"name":"Zoë","tags":["a"]}}';
    const written = python("sys.stdout.write(json.dumps(json.loads(body), separators=(',', ': ')))", body);
    const [finding, ...others] = find(body, written, { budget: 0 });
    expect(finding?.message).toContain("Python's json.dumps with separators=(',', ': ')");
    expect(others).toEqual([]);
  });

  test.each([
    ['numbers', '[-0,0,0.0,-0.0,1.50,1e2,1e15,1e16,-1.5e16,1E22,0.0001,1.5e-5,-1.25e-7,12345.678,-0.5]'],
    ['numbers beyond all bounds', '[1e400,-1e400]'],
    ['escapes', '{"text":"\\/ \\u00e9 \\ud83d\\ude00 é"}'],
  ])('by Python: %s', (_name, body) => {
    const written = python('sys.stdout.write(json.dumps(json.loads(body)))', body);
    expect(codes(body, written)).toEqual(['body_reserialized']);
  });

  test("by Jackson's pretty printer, which writes an empty list with a space", () => {
    const body = '{"a":1,"list":[],"object":{},"more":[1,2]}';
    const written = '{\n  "a" : 1,\n  "list" : [ ],\n  "object" : { },\n  "more" : [ 1, 2 ]\n}';
    expect(codes(body, written)).toEqual(['body_reserialized']);
  });

  test('by System.Text.Json, which writes a quote as an escape', () => {
    expect(codes('{ "a": "say \\"é\\"" }', '{"a":"say \\u0022\\u00E9\\u0022"}')).toEqual([
      'body_reserialized',
    ]);
  });

  test.each([
    ["PHP's json_encode of a slash", '{"a":"x/y"}', '{"a":"x\\/y"}', 'PHP'],
    ["Python's json.dumps, compact, of what is not ASCII", '{"a":"é"}', '{"a":"\\u00e9"}', 'Python'],
    ['Gson of < and >', '{"a":"<b>"}', '{"a":"\\u003cb\\u003e"}', 'Gson'],
    ['what has no escape any more', '{"a":"x\\/y \\u00e9"}', '{"a":"x/y é"}', 'JSON.stringify'],
  ])('who wrote it again is named where only an escape tells: %s', (_name, body, written, who) => {
    const [finding] = find(body, written);
    expect(finding?.code).toBe('body_reserialized');
    expect(finding?.message).toContain(who);
  });

  test('what is too large to be named by all who write it so', () => {
    const body = JSON.stringify(
      Array.from({ length: 4000 }, (_none, id) => ({ id, name: 'Sanne' })),
      null,
      1,
    );
    expect(body.length).toBeGreaterThan(64 * 1024);
    const [finding] = find(body, JSON.stringify(JSON.parse(body)));
    expect(finding).toMatchObject({ code: 'body_reserialized', details: { body_written_as: null } });
  });

  test.each(['{"a":1} x', '[1 2]', '[1,', '{"a" 1}', '{"a":1 "b":2}', '{"a":01}', '"\\x"', '{a:1}'])(
    '%j is no JSON, and is not written again',
    (body) => {
      // What it would be written as is tried before any combination.
      expect(codes(body, '{"a": 1}', { budget: 20_000 })).toEqual([]);
      expect(codes(body, `${body}\n`)).toEqual(['body_newline']);
    },
  );
});

describe('other bytes than the body', () => {
  test.each<[string, string | Buffer, string | Buffer, FindingCode]>([
    ['whitespace at its start', '  \n{"a":1}', '{"a":1}', 'body_newline'],
    ['whitespace at both ends', ' {"a":1}\n\n', '{"a":1}', 'body_newline'],
    ['the line break at its end alone', '{\n"a":1} \r\n', '{\n"a":1} ', 'body_newline'],
    ['nothing but whitespace', ' \t ', '', 'body_empty'],
    ['the JSON in a JSON string', '"{\\"a\\":1}"', '{"a":1}', 'body_double_encoded'],
    ['a quote that is no JSON string', '"not closed', '"not closed\n', 'body_newline'],
    [
      'the bytes in a b"…"',
      'b\'{"a": "\\xc3\\xa9\\n\\t\\\'\\\\"}\'',
      '{"a": "é\n\t\'\\"}',
      'body_bytes_repr',
    ],
    ['base64 that was decoded', Buffer.from('{"a":1}').toString('base64'), '{"a":1}', 'body_base64'],
    ['characters composed otherwise', '{"a":"e\u0301"}', '{"a":"\u00e9"}', 'body_charset'],
    ['wrongly decoded characters repaired', '{"a":"Ã©"}', '{"a":"é"}', 'body_charset'],
    ['Latin-1 that is no UTF-8', Buffer.from('é€', 'latin1'), '\u00e9\u00ac', 'body_charset'],
  ])('%s', (_name, body, hashed, code) => {
    expect(codes(body, hashed)).toEqual([code]);
  });

  it('knows Windows-1252, both ways', () => {
    // 0x81, 0x8D, 0x8F, 0x90 and 0x9D are nothing there. (Node's own decoder takes the rest for Latin-1.)
    const bytes = Buffer.from(Array.from({ length: 128 }, (_none, index) => 0x80 + index)).filter(
      (byte) => ![0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(byte),
    );
    const decode = 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode("cp1252").encode())';
    const text = execFileSync('python3', ['-c', decode], { input: bytes });
    expect(text.toString()).toContain('€');
    expect(codes(bytes, text)).toEqual(['body_charset']);
    expect(codes(text, bytes)).toEqual(['body_charset']);
  });

  it.each([`{"a":"it's"}\n`, `{'a':"b"}\t\\ é \u0001`, "it's\u0001"])(
    "knows Python's repr() of %j",
    (text) => {
      for (const value of ['sys.stdin.buffer.read()', 'sys.stdin.buffer.read().decode()']) {
        const written = execFileSync('python3', ['-c', `import sys\nsys.stdout.write(repr(${value}))`], {
          input: text,
          env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
        });
        expect(codes(text, written)).toEqual(['body_bytes_repr']);
      }
    },
  );

  it('looks for what is cheap also where the body is large', () => {
    const body = Buffer.alloc(300 * 1024, 'x');
    expect(codes(body, Buffer.concat([body, Buffer.from('\n')]))).toEqual(['body_newline']);
    expect(codes(body, body.toString('base64'))).toEqual(['body_base64']);
  });

  it('says where a large body was cut off, also under a secret longer than a block of the hash', () => {
    const body = Buffer.alloc(200 * 1024, '{"a":1}');
    const secret = 's'.repeat(100);
    for (const length of [100, 50_000, 65_536, 102_400]) {
      const [finding] = find(body, body.subarray(0, length), { secret });
      expect(finding).toMatchObject({
        code: 'truncated_body',
        details: { at_byte: length, of: body.length },
      });
    }
  });
});

test('a header is shown with its control characters made visible', () => {
  const result = diagnose({
    body: Buffer.from('{}'),
    header: `t=12\u0007\u202e34,v1=${hmac('{}')}`,
    secrets: [{ value: SECRET, role: 'expected' }],
    now: T,
  });
  const malformed = result.findings.find(({ code }) => code === 'malformed');
  expect(malformed?.details.header).toContain('t=12\\x07\\u202e34');
});

test('who writes so, and who wrote the body, are two sentences', () => {
  const [finding] = find('{"b": 1, "a": "é"}', JSON.stringify({ b: 1, a: 'é' }));
  expect(finding!.message).toMatch(
    /^The signature covers the same JSON as written by JSON\.stringify; .+; or one of \d+ others, not the bytes that arrived\. The body itself looks as written by Python's json\.dumps with ensure_ascii=False.*\.$/,
  );
});

test('a serializer is named once, and not again with each change that changes nothing', () => {
  // Sorted as it stands, and nothing in it is null or empty.
  const [finding] = find('{"a": "é", "b": 1}', JSON.stringify({ a: 'é', b: 1 }));
  expect(finding!.message).toMatch(
    / by Python's json\.dumps with ensure_ascii=False; jsonb::text of PostgreSQL; or MySQL's JSON\.$/,
  );
});
