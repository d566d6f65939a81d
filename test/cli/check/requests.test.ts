import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { pythonAccepts } from '../../support/python-signature.ts';
import { startRecordingServer } from '../../support/receiver.ts';
import { hmacHex } from '../../support/sign.ts';
import { check, checkJson, hear, SECRET, serve } from './run-check.ts';

describe('what is sent', () => {
  test('valid webhooks are signed as Python signs, and marked as test events', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200, body: {} }));
    await check([url, '--only', 'every-event', '--client-id', 'my-client']);
    expect(requests).toHaveLength(15);
    expect(new Set(requests.map(({ body }) => JSON.parse(body.toString()).event)).size).toBe(14);
    const ids = requests.map(({ body }) => JSON.parse(body.toString()).event_id);
    expect(new Set(ids).size).toBe(15);
    for (const { body, headers } of requests) {
      expect(pythonAccepts(body, SECRET, String(headers['x-webhook-signature']))).toBe(true);
      const event = JSON.parse(body.toString());
      expect(event.client_id).toBe('my-client');
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'x-carvos-test': 'true',
        'x-carv-event': event.event,
        'x-carv-causation-id': event.reference_id,
      });
    }
  });

  test('the secret comes from .env or --secret, the test header can be left out', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    await check([url, '--only', 'accepts-valid', '--no-test-header'], {
      env: { CARVOS_OUTGOING_SECRET: 'from-the-environment' },
    });
    await check([url, '--only', 'accepts-valid', '--secret', 'from-the-flag']);
    const [first, second] = requests;
    expect(first?.headers['x-carvos-test']).toBeUndefined();
    expect(
      pythonAccepts(first!.body, 'from-the-environment', `${first?.headers['x-webhook-signature']}`),
    ).toBe(true);
    expect(pythonAccepts(second!.body, 'from-the-flag', `${second?.headers['x-webhook-signature']}`)).toBe(
      true,
    );
  });

  test('an event of the user takes the place of the sample', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    const cwd = tempFolder({ 'own.json': '{"event":"candidate.created","event_id":"e","data":{"mine":1}}' });
    await check([url, '--only', 'accepts-valid', '--event', 'own.json'], { cwd });
    const sent = JSON.parse(requests[0]!.body.toString());
    expect(sent.data).toEqual({ mine: 1 });
    expect(sent.event_id).not.toBe('e');
  });

  test('the large body is exactly 1 MiB, and the retry has the same bytes with another signature', async () => {
    const { url, requests } = await startRecordingServer(() => ({ status: 200 }));
    await check([url, '--only', 'large-body,duplicate']);
    expect(Math.max(...requests.map(({ body }) => body.length))).toBe(1024 * 1024);
    const [, first, second] = requests;
    expect(first!.body.equals(second!.body)).toBe(true);
    expect(first!.headers['x-webhook-signature']).not.toBe(second!.headers['x-webhook-signature']);
  });

  test('twenty are in flight at once', async () => {
    const waiting: (() => void)[] = [];
    let first = true;
    const { url } = await serve((request, response) => {
      request.resume().on('end', () => {
        if (first) {
          first = false;
          response.end('{}');
          return;
        }
        // None is answered before all are there.
        waiting.push(() => response.end('{}'));
        if (waiting.length === 20) for (const answer of waiting) answer();
      });
    });
    expect((await checkJson([url, '--only', 'concurrent'])).outcome('concurrent')).toBe('passed');
    expect(waiting).toHaveLength(20);
  });
});

describe('the cases of a probe', () => {
  /** A receiver that verifies in its own way and accepts the rest. */
  async function receiver(verify: (raw: Buffer, t: string, v1: string) => boolean | number) {
    return await hear(({ headers, body }, response) => {
      const header = Buffer.from(String(headers['x-webhook-signature'] ?? ''), 'latin1').toString();
      const [, t = '', v1 = ''] = /^t=([^,]*),v1=(.*)$/.exec(header) ?? [];
      const verdict = verify(body, t, v1);
      response.statusCode = verdict === true ? 200 : verdict === false ? 401 : verdict;
      response.end('{}');
    });
  }
  const hmac = (raw: Buffer | string, t: string) => hmacHex(SECRET, `${t}.`, raw);
  const asText = (change: (text: string) => string) => (raw: Buffer, t: string, v1: string) =>
    hmac(change(raw.toString()), t) === v1;

  test.each([
    ['unicode written raw', (raw: Buffer, t: string, v1: string) => hmac(raw.toString('latin1'), t) === v1],
    ['unicode written as escapes', asText((text) => text.replaceAll('\\/', '/'))],
    ['spaced JSON', asText((text) => text.trim())],
    ['a number written 87.0', asText((text) => text.replaceAll('87.0', '87'))],
    // Random ids may have those characters too.
    ['a number written 1e2', asText((text) => text.replaceAll(/(?<![\w-])1e2(?![\w-])/g, '100'))],
  ])('raw-bytes: %s', async (what, verify) => {
    const { url } = await receiver(verify);
    const { details, report } = await checkJson([url, '--only', 'raw-bytes']);
    expect(report.probes[0]?.outcome).toBe('passed');
    expect(details('raw-bytes')).toBe(`${what}: 401 {}`);
  });

  test('stale: a comparison with NaN', async () => {
    const { url } = await receiver(
      (raw, t, v1) => !(Math.abs(Date.now() / 1000 - Number(t)) > 300) && hmac(raw, t) === v1,
    );
    const { details } = await checkJson([url, '--only', 'stale,future']);
    expect(details('stale')).toBe('t=soon, rightly signed: accepted with 200 {}');
  });

  test('malformed-header: each is sent, and 3xx is no 4xx', async () => {
    for (const status of [500, 302, 200]) {
      const { url } = await receiver((raw, t, v1) => hmac(raw, t) === v1 || status);
      const { details } = await checkJson([url, '--only', 'malformed-header']);
      const said = details('malformed-header')!.split('\n');
      expect(said).toHaveLength(11);
      for (const one of said) expect(one).toContain(`${status} {}`);
    }
  });

  test('wrong-secret: each is sent and signed with it', async () => {
    const used: string[] = [];
    const { url } = await receiver((raw, t, v1) => {
      const guesses = [SECRET, '', 'undefined', 'null', 'None'];
      const found = guesses.find((one) => hmacHex(one, `${t}.`, raw) === v1);
      used.push(found ?? 'random');
      return true;
    });
    const { details } = await checkJson([url, '--only', 'wrong-secret']);
    expect(details('wrong-secret')!.split('\n')).toHaveLength(5);
    expect(used).toEqual([SECRET, 'random', '', 'undefined', 'null', 'None']);
  });

  test('unknown-fields and reorder: each place and each order', async () => {
    const { url } = await hear(({ body }, response) => {
      response.statusCode = /carvos_check_field|carvos-check-/.test(body.toString()) ? 422 : 200;
      response.end();
    });
    const { details } = await checkJson([url, '--only', 'unknown-fields,reorder']);
    expect(details('unknown-fields')).toBe('beside data: 422\nin data: 422');
    expect(details('reorder')!.split('\n')).toHaveLength(3);
  });
});
