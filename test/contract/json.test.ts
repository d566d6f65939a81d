import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, stringifyJson } from '../../src/contract/json.ts';
import { MAX_JSON_DEPTH, MAX_READ_DEPTH } from '../../src/contract/limits.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function parsed(text: string): unknown {
  const result = parseJson(bytes(text));
  if (!result.ok) throw new Error(result.problem.msg);
  return result.value;
}

function refused(body: Uint8Array) {
  const result = parseJson(body);
  if (result.ok) throw new Error('was accepted');
  return result.problem;
}

describe('parseJson', () => {
  it('agrees with JSON.parse on ordinary values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(stringifyJson(parsed(text))).toBe(JSON.stringify(JSON.parse(text, dropProto)));
      }),
    );
  });

  it.each([
    ['', 'missing', 'Field required'],
    ['nope', 'json_invalid', 'JSON decode error'],
    ['{"a":1,}', 'json_invalid', 'JSON decode error'],
    ['{"a":', 'json_invalid', 'JSON decode error'],
    ['{"a":"x', 'json_invalid', 'JSON decode error'],
    ['{} {}', 'json_invalid', 'JSON decode error'],
    ['{"a":01}', 'json_invalid', 'JSON decode error'],
    ['NaN', 'json_invalid', 'JSON decode error'],
    ['\ufeff{}', 'json_invalid', 'byte order mark'],
  ])('refuses %j', (text, type, msg) => {
    const problem = refused(bytes(text));
    expect(problem.type).toBe(type);
    expect(problem.msg).toContain(msg);
  });

  it('says where invalid JSON stops', () => {
    expect(refused(bytes('{"a":1,}')).loc).toEqual(['body', 7]);
  });

  it('refuses bytes that are not UTF-8, a surrogate encoded as bytes among them', () => {
    expect(refused(Uint8Array.of(0x22, 0xff, 0x22)).msg).toContain('UTF-8');
    expect(refused(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)).msg).toContain('UTF-8');
    expect(refused(Buffer.from('{"a":1}', 'utf16le')).type).toBe('json_invalid');
  });

  it('accepts as many levels as it is told to, and refuses one more and 10,000', () => {
    const nested = (depth: number) => bytes('['.repeat(depth) + ']'.repeat(depth));
    expect(parseJson(nested(MAX_JSON_DEPTH), 'exact', MAX_JSON_DEPTH).ok).toBe(true);
    expect(parseJson(nested(MAX_JSON_DEPTH + 1), 'exact', MAX_JSON_DEPTH)).toMatchObject({
      problem: { msg: expect.stringContaining('128 levels') },
    });
    expect(parseJson(nested(MAX_READ_DEPTH)).ok).toBe(true);
    expect(refused(nested(MAX_READ_DEPTH + 1)).msg).toContain('256 levels');
    expect(refused(nested(10_000)).msg).toContain('256 levels');
    expect(refused(bytes('{"a":'.repeat(10_000))).msg).toContain('256 levels');
  });

  it('counts no brackets inside strings', () => {
    expect(parsed(`{"a":"${'['.repeat(500)}","b":"\\"${'{'.repeat(500)}\\\\"}`)).toHaveProperty('b');
    expect(refused(bytes(`["\\\\",${'['.repeat(300)}`)).msg).toContain('256 levels');
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890000',
    '1e400',
    '1E-400',
    '0.12345678901234567891',
    '123456789.123456789123',
  ])('keeps the number %s', (number) => {
    expect(stringifyJson(parsed(`{"a":[${number}],"b":1}`))).toBe(`{"a":[${number}],"b":1}`);
  });

  it('keeps only unsafe numbers in a form of their own', () => {
    expect(parsed('{"a":9007199254740993,"b":42,"c":1.5,"d":"9007199254740993"}')).toMatchObject({
      b: 42,
      c: 1.5,
      d: '9007199254740993',
    });
  });

  it('lets the last of two equal keys win, with long numbers and without', () => {
    expect(parsed('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(stringifyJson(parsed('{"a":1,"a":2,"b":9007199254740993}'))).toBe('{"a":2,"b":9007199254740993}');
  });

  it.each([
    '{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}},"n":1}',
    '{"__pr\\u006fto__":{"polluted":true},"a":[{"\\u005f_proto__":1}],"n":9007199254740993}',
  ])('drops keys named __proto__: %s', (text) => {
    const value = parsed(text) as { a: object };
    expect(Object.hasOwn(value, '__proto__')).toBe(false);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(stringifyJson(value)).not.toMatch(/proto|polluted/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('keeps NUL and lone surrogates in strings', () => {
    expect(stringifyJson(parsed('{"a":"\\u0000\\ud800"}'))).toBe('{"a":"\\u0000\\ud800"}');
  });
});

function dropProto(this: unknown, key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}
