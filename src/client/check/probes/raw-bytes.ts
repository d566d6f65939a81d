import { RECEIVING } from '../documented.ts';
import { judgeCases } from '../judge.ts';
import type { Probe, ProbeEvent } from '../probe.ts';
import { signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** Bodies that no serializer gives back as they were, each for a reason of its own. */
const SPELLINGS: Record<string, (event: ProbeEvent) => string> = {
  'unicode written raw': (event) => withField(event, '"Zoë Łukasz 日本 😀 \u2028"'),
  'unicode written as escapes': (event) => withField(event, '"Zo\\u00eb \\ud83d\\ude00 \\/ \\u003c"'),
  'spaced JSON': (event) => `${JSON.stringify(event, null, 3).replace(/^(\s*"[\w.-]+"): /gm, '$1 :\t')}\r\n`,
  'numbers such as 1.0 and 1e2': (event) => withField(event, '[1.0,1e2,-0,0.10,1E+2,12345678901234567890]'),
};

/** The event with one more value in its data, spelled exactly so. */
function withField(event: ProbeEvent, json: string): string {
  const data = typeof event.data === 'object' ? event.data : {};
  const text = JSON.stringify({ ...event, data: { ...data, carvos_check: '@' } });
  const at = text.lastIndexOf('"@"');
  return text.slice(0, at) + json + text.slice(at + 3);
}

const rawBytes: Probe = {
  id: 'raw-bytes',
  level: 'required',
  title: 'The signature is verified over the raw bytes',
  why: 'A signature covers bytes. JSON that is parsed and written again can differ in every space, escape and number, and then genuine webhooks are refused.',
  documented: RECEIVING,
  mend: 'Take the raw body before any JSON parser: express.raw({ type: () => true }), await request.body(), request.get_data(), @RequestBody byte[]. Parse it after it was verified.',
  after: [ACCEPTS_VALID],
  run: (receiver) =>
    judgeCases(
      receiver,
      Object.entries(SPELLINGS).map(([what, spell]) => {
        const event = receiver.fresh();
        const body = Buffer.from(spell(event));
        return { what, request: signedRequest(receiver, event, { body }), expected: 'accepted' };
      }),
    ),
};

export const RAW_BYTES: readonly Probe[] = [rawBytes];
