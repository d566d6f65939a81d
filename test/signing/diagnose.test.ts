import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { type DiagnosisSecret, diagnose, diagnoseInSteps, sign, verify } from '../../src/signing/index.ts';

const T = 1_768_472_880;
const SECRETS: DiagnosisSecret[] = [
  { value: 'whsec_b3V0Z29pbmctc2VjcmV0', role: 'expected' },
  { value: 'incoming-secret-value', role: 'other_direction' },
  { value: 'rotated-secret-value', role: 'previous' },
];
const SECRET = SECRETS[0]!.value;
/** Signed by node:crypto alone. */
const hmac = (message: Uint8Array | string, secret = SECRET) =>
  createHmac('sha256', secret).update(message).digest('hex');
const message = (body: Uint8Array, t = T) => Buffer.concat([Buffer.from(`${t}.`), body]);
const BODY = Buffer.from('{"event":"candidate.created","name":"Zoë","score":1.50,"cv":null}');

describe('no false accusation', () => {
  // 120 more, in headers of sixty, are in written.test.ts; `npm run accusations` makes as many as one likes.
  it('finds nothing for random signatures beside bodies of any length', () => {
    for (let length = 0; length <= BODY.length; length += 3) {
      const body = BODY.subarray(0, length);
      const value = randomBytes(32).toString('hex');
      const header = diagnose({ body, header: `t=${T},v1=${value}`, secrets: SECRETS, now: T, budget: 0 });
      expect([header.verdict, header.findings]).toEqual(['unexplained', []]);
      const computed = diagnose({
        body,
        computed: value,
        timestamp: T,
        secrets: SECRETS,
        now: T,
        budget: 0,
      });
      expect([computed.verdict, computed.findings]).toEqual(['unexplained', []]);
    }
  });

  it('finds nothing in digests of other lengths, and in combinations', { timeout: 120_000 }, () => {
    for (const [bytes, budget] of [
      [32, 50_000],
      [20, 20_000],
      [10, 20_000],
    ] as const) {
      const value = randomBytes(bytes).toString('hex');
      const result = diagnose({
        body: BODY,
        computed: value,
        timestamp: T,
        secrets: SECRETS,
        budget,
      });
      expect(result.findings).toEqual([]);
    }
  });

  it('has no finding for a valid signature, of arbitrary bytes and secrets', () => {
    const seconds = fc.integer({ min: 0, max: 999_999_999_999 });
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), seconds, (body, secret, t) => {
        const header = sign(body, secret, { timestamp: t });
        expect(header).toBe(`t=${t},v1=${hmac(message(body, t), secret)}`);
        expect(verify({ body, header, secret, now: t }).valid).toBe(true);
        const secrets = [{ value: secret, role: 'expected' as const }, ...SECRETS.slice(1)];
        const given = diagnose({ body, header, secrets, now: t });
        const computed = diagnose({ body, computed: header.slice(-64), header, secrets, now: t + 9999 });
        for (const { verdict, findings } of [given, computed])
          expect([verdict, findings]).toEqual(['valid', []]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('stripe-node, which has the same scheme', () => {
  const { webhooks } = Stripe as unknown as {
    webhooks: {
      generateTestHeaderString(options: object): string;
      constructEvent(body: string, header: string, secret: string, tolerance: number): unknown;
    };
  };
  const now = () => Math.floor(Date.now() / 1000);

  it('signs as carvos does', () => {
    const json = fc.json().filter((text) => text !== '');
    fc.assert(
      fc.property(json, fc.integer({ min: 1, max: 4e9 }), (payload, timestamp) => {
        const header = webhooks.generateTestHeaderString({ payload, secret: SECRET, timestamp });
        expect(sign(Buffer.from(payload), SECRET, { timestamp })).toBe(header);
      }),
    );
  });

  it('accepts and refuses what carvos does, also by age', () => {
    for (const [age, tolerance] of [
      [0, 300],
      [299, 300],
      [302, 300],
      [5000, 6000],
      [7000, 6000],
    ] as const) {
      const body = Buffer.from('{"id":"evt_1","object":"event"}');
      const header = sign(body, SECRET, { timestamp: now() - age });
      let accepted = true;
      try {
        webhooks.constructEvent(body.toString(), header, SECRET, tolerance);
      } catch {
        accepted = false;
      }
      expect(verify({ body, header, secret: SECRET, tolerance }).valid).toBe(accepted);
      expect(accepted).toBe(age <= tolerance);
    }
  });
});

describe('the result', () => {
  it('never holds a secret, nor one that was decoded or trimmed', () => {
    const secrets: DiagnosisSecret[] = [
      { value: ' whsec_b3V0Z29pbmctc2VjcmV0LXRleHQ= ', role: 'expected' },
      { value: 'other-side-secret', role: 'other_direction' },
    ];
    const forms = ['b3V0Z29pbmctc2VjcmV0LXRleHQ=', 'outgoing-secret-text', 'other-side-secret'];
    const key = (text: string) => Buffer.from(text);
    const keys = [
      key(secrets[0]!.value),
      key(secrets[0]!.value.trim()),
      key(`${secrets[0]!.value}\n`),
      key('b3V0Z29pbmctc2VjcmV0LXRleHQ='),
      Buffer.from('b3V0Z29pbmctc2VjcmV0LXRleHQ=', 'base64'),
      key('other-side-secret'),
      key('"other-side-secret"'),
      key('another'),
    ];
    const body = Buffer.from('{"leaked":"other-side-secret","b64":"b3V0Z29pbmctc2VjcmV0LXRleHQ="}');
    const values = keys.map((one) => createHmac('sha256', one).update(message(body)).digest('hex'));
    // The secret in place of the signature is a mistake that people make.
    for (const value of [...values, 'other-side-secret', secrets[0]!.value.trim()]) {
      for (const header of [`t=${T},v1=${value}`, value, `${T};${value}`]) {
        const result = diagnose({ body, header, secrets, now: T, budget: 2000 });
        const text = JSON.stringify(result);
        for (const form of forms) expect(text).not.toContain(form);
      }
      const computed = diagnose({ body, computed: value, timestamp: T, secrets, now: T, budget: 2000 });
      for (const form of forms) expect(JSON.stringify(computed)).not.toContain(form);
    }
  });

  it('shows both values and what was hashed when nothing explains it', () => {
    const body = Buffer.from('{"a":1,\t"b":"\u0001é"}\r\n');
    const value = '0'.repeat(63).concat('1');
    const result = diagnose({ body, header: `t=${T},v1=${value}`, secrets: SECRETS, now: T, budget: 2000 });
    expect(result).toMatchObject({
      verdict: 'unexplained',
      given: value,
      expected: hmac(message(body)),
      hashed: { first: `${T}.{"a":1,\\t"b":"\\x01\\xc3\\xa9"}\\r\\n`, bytes: body.length },
    });
    expect(result.hashed.last).toContain('\\r\\n');
    expect(result.hashed.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.checks.length).toBeGreaterThan(2);
  });

  it('says that JSON is cut off at its end', () => {
    const result = diagnose({
      body: Buffer.from('{"a":1,"b":[1,'),
      header: `t=${T},v1=${'ab'.repeat(32)}`,
      secrets: SECRETS,
      now: T,
      budget: 2000,
    });
    expect(result.checks[0]).toContain('cut off');
  });

  it('puts the caret under the mistake', () => {
    const header = `t=${T};v1=${hmac(message(BODY))}`;
    const { details } = diagnose({ body: BODY, header, secrets: SECRETS, now: T }).findings[0]!;
    expect(details).toMatchObject({ reason: 'timestamp_malformed', part: 't', position: 2, caret: '  ^' });
    expect(String(details.header)).toMatch(/^t=1768472880;v1=/);
  });

  it.each([
    [7200 + 5, 'time_zone'],
    [5.5 * 3600 + 3, 'time_zone'],
    [400, 'clock'],
    [3 * 86_400, 'replay'],
    [11_000, 'replay'],
    [-3600, 'time_zone'],
    [-333, 'clock'],
  ])('says what an age of %i seconds looks like: %s', (age, looks) => {
    const t = T - age;
    const header = `t=${t},v1=${hmac(message(BODY, t))}`;
    const { findings } = diagnose({ body: BODY, header, secrets: SECRETS, now: T });
    expect(findings).toHaveLength(1);
    expect(findings[0]!.code).toBe(age > 0 ? 'stale' : 'future');
    expect(findings[0]!.details).toMatchObject({ age_seconds: age, looks_like: looks });
  });

  it('has a line of code for each framework', () => {
    const header = `t=${T},v1=${hmac(message(Buffer.concat([BODY, Buffer.from('\n')])))}`;
    const { findings } = diagnose({ body: BODY, header, secrets: SECRETS, now: T });
    expect(Object.keys(findings[0]!.frameworks)).toEqual([
      'express',
      'fastapi',
      'flask',
      'django',
      'spring',
      'laravel',
      'aspnet',
    ]);
    const sender = diagnose({ body: BODY, header, secrets: SECRETS, now: T, side: 'sender' });
    expect(sender.findings[0]!.fix).not.toBe(findings[0]!.fix);
  });

  it('throws for what is no diagnosis: no bytes, no secret, no signature', () => {
    const header = `t=${T},v1=00`;
    expect(() => diagnose({ body: '{}' as never, header, secrets: SECRETS })).toThrow(TypeError);
    expect(() => diagnose({ body: BODY, header, secrets: SECRETS.slice(1) })).toThrow(TypeError);
    expect(() => diagnose({ body: BODY, secrets: SECRETS })).toThrow(TypeError);
    expect(diagnose({ body: BODY, header: null, secrets: SECRETS }).findings[0]!.code).toBe('malformed');
  });
});

describe('large bodies', () => {
  /** Beyond the last size from which on less is tried. */
  const SIZE = 320 * 1024;
  const items = Array.from({ length: 3500 }, (_none, id) => ({
    id,
    name: `Zoë ${id}`,
    note: null,
    ratio: id / 8,
  }));
  let large = Buffer.from(JSON.stringify(items));
  large = Buffer.concat([
    large.subarray(0, large.length - 1),
    Buffer.alloc(SIZE - large.length, ' '),
    Buffer.from(']'),
  ]);
  const run = (value: string) =>
    diagnose({ body: large, header: `t=${T},v1=${value}`, secrets: SECRETS, now: T });

  it('finds single mistakes, and ends where nothing explains it', () => {
    expect(large.length).toBe(SIZE);
    expect(run('ab'.repeat(32)).verdict).toBe('unexplained');
    const cases: [string, string][] = [
      ['other_direction', hmac(message(large), 'incoming-secret-value')],
      ['no_timestamp', hmac(large)],
      ['secret_whitespace', hmac(message(large), `${SECRET}\n`)],
      ['truncated_body', hmac(message(large.subarray(0, 53_576)))],
      ['truncated_body', hmac(message(large.subarray(0, 300_000)))],
      ['body_newline', hmac(message(Buffer.concat([large, Buffer.from('\n')])))],
    ];
    for (const [code, value] of cases) {
      expect(run(value).findings.map((one) => one.code)).toEqual([code]);
    }
  });

  it('says at which byte a body was cut off', () => {
    for (const length of [1, 63, 64, 65, 16_003, 65_536, 102_400]) {
      const { findings } = run(hmac(message(large.subarray(0, length))));
      expect(findings[0]!.details).toEqual({ at_byte: length, of: large.length });
    }
  });

  it('gives others their turn', () => {
    const steps = diagnoseInSteps({
      body: BODY,
      header: `t=${T},v1=${'ab'.repeat(32)}`,
      secrets: SECRETS,
      now: T,
    });
    let turns = 0;
    while (turns <= 100 && !steps.next().done) turns++;
    expect(turns).toBeGreaterThan(100);
  });

  it('copes with JSON that is nested very deep', () => {
    const body = Buffer.from('['.repeat(50_000) + ']'.repeat(50_000));
    const result = diagnose({
      body,
      header: `t=${T},v1=${'ab'.repeat(32)}`,
      secrets: SECRETS,
      now: T,
      budget: 2000,
    });
    expect(result.verdict).toBe('unexplained');
  });

  it('copes with a megabyte of brackets, which some would indent to more than a text can hold', () => {
    const deep = '['.repeat(120) + ']'.repeat(120);
    const body = Buffer.from(`{"n":[${`${deep},`.repeat(4300)}1]}`);
    const header = `t=${T},v1=${'ab'.repeat(32)}`;
    const result = diagnose({ body, header, secrets: SECRETS, now: T, budget: 2000 });
    expect(result.verdict).toBe('unexplained');
  });
});
