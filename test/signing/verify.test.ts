import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sign, type VerifyOptions, verify } from '../../src/signing/index.ts';

const NOW = 1_767_225_600;
const body = Buffer.from('{"event":"candidate.created"}');

/** Node's own HMAC: what is judged here must not judge itself. */
function hex(secret = 'secret', t: number | string = NOW, bytes: Uint8Array = body): string {
  return createHmac('sha256', secret).update(`${t}.`).update(bytes).digest('hex');
}

function judge(header: string | null | undefined, rest: Partial<VerifyOptions> = {}) {
  return verify({ body, header, secret: 'secret', now: NOW, ...rest });
}

const good = hex();
const zeros = '0'.repeat(64);

describe('what is accepted', () => {
  test.each([
    ['the plain form', `t=${NOW},v1=${good}`],
    ['parts in the other order', `v1=${good},t=${NOW}`],
    ['whitespace around the comma', ` t=${NOW} ,\tv1=${good} `],
    ['unknown keys, before and after', `v0=abc,t=${NOW},v1=${good},kid=7,flag`],
    ['several v1, one of which matches', `t=${NOW},v1=${zeros},v1=${good}`],
    ['a malformed v1 beside one that matches', `t=${NOW},v1=nothex,v1=${good}`],
    ['leading zeros in t, hashed as written', `t=0${NOW},v1=${hex('secret', `0${NOW}`)}`],
    ['a header of 4 KiB', `t=${NOW},v1=${good},${'x'.repeat(4096 - `t=${NOW},v1=${good},`.length)}`],
  ])('%s', (_, header) => {
    expect(judge(header)).toMatchObject({ valid: true, timestamp: NOW });
  });

  test('any of several secrets, and which one', () => {
    expect(judge(`t=${NOW},v1=${good}`, { secret: ['new', 'secret'] })).toMatchObject({ secretIndex: 1 });
    // The same one twice, as while a rotation is set up: the first that fits is reported.
    expect(judge(`t=${NOW},v1=${good}`, { secret: ['secret', 'secret'] })).toMatchObject({ secretIndex: 0 });
    expect(judge(`t=${NOW},v1=${good}`, { secret: ['new', 'other'] })).toMatchObject({ reason: 'mismatch' });
  });
});

describe('what is refused, and why', () => {
  test.each([
    ['nothing', undefined, 'header_missing', 0],
    ['null', null, 'header_missing', 0],
    ['whitespace', ' \t', 'header_missing', 0],
    ['more than 4 KiB', `t=${NOW},v1=${good},${'x'.repeat(4096)}`, 'header_too_long', 4096],
    ['no t', `v1=${good}`, 'timestamp_missing', 0],
    ['two t, though equal', `t=${NOW},t=${NOW},v1=${good}`, 'timestamp_duplicated', 13],
    ['an empty t', `t=,v1=${good}`, 'timestamp_malformed', 2],
    ['t with a sign', `t=+${NOW},v1=${good}`, 'timestamp_malformed', 2],
    ['t with 13 digits', `t=${NOW}000,v1=${good}`, 'timestamp_malformed', 2],
    ['t in other digits', `t=١٢٣,v1=${good}`, 'timestamp_malformed', 2],
    ['no v1', `t=${NOW}`, 'signature_missing', 12],
    ['v1 in upper case', `t=${NOW},v1=${good.toUpperCase()}`, 'signature_malformed', 16],
    ['v1 of 63 digits', `t=${NOW},v1=${good.slice(1)}`, 'signature_malformed', 16],
    ['v1 in base64', `t=${NOW},v1=${Buffer.from(good, 'hex').toString('base64')}`, 'signature_malformed', 16],
    ['two malformed v1: where the first begins', `t=${NOW},v1=no,v1=neither`, 'signature_malformed', 16],
  ])('%s', (_, header, reason, position) => {
    expect(judge(header)).toMatchObject({ valid: false, reason, position });
  });

  test('a wrong secret or body is a mismatch, whatever the age', () => {
    expect(judge(`t=${NOW},v1=${hex('other')}`)).toMatchObject({ valid: false, reason: 'mismatch' });
    expect(judge(`t=1,v1=${hex('other', 1)}`)).toMatchObject({ valid: false, reason: 'mismatch' });
    expect(judge(`t=${NOW + 1},v1=${good}`)).toMatchObject({ valid: false, reason: 'mismatch' });
  });

  test.each([
    [300, true, undefined],
    [301, false, 'stale'],
    [-300, true, undefined],
    [-301, false, 'future'],
  ])('an age of %i seconds', (age, valid, reason) => {
    const result = judge(`t=${NOW - age},v1=${hex('secret', NOW - age)}`);
    expect(result).toMatchObject({ valid, age, ...(reason && { reason }) });
  });

  test('the tolerance is a parameter', () => {
    const header = `t=${NOW - 11},v1=${hex('secret', NOW - 11)}`;
    expect(judge(header, { tolerance: 10 })).toMatchObject({ valid: false, reason: 'stale' });
    expect(judge(header, { tolerance: 11 })).toMatchObject({ valid: true });
    expect(judge(`t=1,v1=${hex('secret', 1)}`, { tolerance: Number.POSITIVE_INFINITY })).toMatchObject({
      valid: true,
    });
  });

  test('text instead of bytes, and no secret at all, are bugs of the caller', () => {
    expect(() => verify({ body: '{}' as never, header: 't=1', secret: 's' })).toThrow(TypeError);
    expect(() => judge('t=1', { secret: [] })).toThrow(TypeError);
    expect(() => sign('{}' as never, 's')).toThrow(/not string: take them before/);
    expect(() => sign(null as never, 's')).toThrow(/not null/);
    for (const timestamp of [1.5, -1, 1e12, Number.NaN]) {
      expect(() => sign(body, 's', { timestamp })).toThrow(RangeError);
    }
  });
});

test('for any bytes, secret and time: what is signed verifies, and one flipped bit does not', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(bytes, fc.string(), fc.nat(), fc.nat(), (raw, secret, t, at) => {
      const header = sign(raw, secret, { timestamp: t });
      expect(header).toBe(`t=${t},v1=${hex(secret, t, raw)}`);
      expect(verify({ body: raw, header, secret, now: t }).valid).toBe(true);
      const changed = Uint8Array.from(raw);
      changed[at % raw.length]! ^= 1 << (at % 8);
      expect(verify({ body: changed, header, secret, now: t })).toMatchObject({ reason: 'mismatch' });
    }),
  );
});

test('no header, however strange, makes it throw', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom(`t=${NOW}`, 'v1=', `v1=${zeros}`, '=', ',', 't'));
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      expect(judge(parts.join(',')).valid).toBe(false);
    }),
  );
});
