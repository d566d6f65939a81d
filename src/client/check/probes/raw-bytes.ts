import { RECEIVING } from '../documented.ts';
import { accepts, judgeCases } from '../judge.ts';
import type { Probe, ProbeEvent, Receiver } from '../probe.ts';
import { signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** Bodies that a serializer does not give back as they were, each for a reason of its own. */
const SPELLINGS: Record<string, (receiver: Receiver) => Spelled> = {
  'unicode written raw': (receiver) => spellText(receiver.fresh(), '"Zoë Łukasz 日本 😀"'),
  'unicode written as escapes': (receiver) =>
    spellText(receiver.fresh(), '"Zo\\u00eb 1\\/2 \\u65e5 \\ud83d\\ude00"'),
  'spaced JSON': (receiver) => {
    const event = receiver.fresh();
    const lines = JSON.stringify(event, null, 3).replace(/^(\s*"[\w.-]+"): /gm, '$1 :\t');
    return { event, json: `${lines}\r\n` };
  },
  'a number written 87.0': (receiver) => spellScore(receiver, '87.0'),
  'a number written 1e2': (receiver) => spellScore(receiver, '1e2'),
};

interface Spelled {
  event: ProbeEvent;
  json: string;
}

/** A text in the data, spelled so. A field that is there: a new one would try strict receivers as well. */
function spellText(event: ProbeEvent, spelling: string): Spelled {
  const isText = ([key, value]: [string, unknown]) =>
    typeof value === 'string' && !/(?:^|_)(?:id|at|email)$/.test(key);
  const [key] = Object.entries(event.data ?? {}).find(isText) ?? ['carvos_check'];
  return spell(event, key, spelling);
}

/** The one number that events have. */
function spellScore(receiver: Receiver, spelling: string): Spelled {
  return spell(receiver.fresh('application.created'), 'score', spelling);
}

function spell(event: ProbeEvent, key: string, spelling: string): Spelled {
  const mark = 'carvos-check-places-it-here';
  const json = JSON.stringify({ ...event, data: { ...(event.data as ProbeEvent), [key]: mark } });
  return { event, json: json.replace(`"${mark}"`, () => spelling) };
}

export const rawBytes: Probe = {
  id: 'raw-bytes',
  level: 'required',
  title: 'The signature is verified over the raw bytes',
  why: 'A signature covers bytes. JSON that is parsed and written again can differ in every space, escape and number, and then genuine webhooks are refused.',
  documented: RECEIVING,
  fix: 'Take the raw body before any JSON parser: express.raw({ type: () => true }), await request.body(), request.get_data(), @RequestBody byte[]. Parse it after it was verified.',
  after: [ACCEPTS_VALID],
  run: (receiver) =>
    judgeCases(
      receiver,
      Object.entries(SPELLINGS).map(([what, make]) => {
        const { event, json } = make(receiver);
        const request = signedRequest(receiver, event, { body: Buffer.from(json) });
        // The same event in its usual spelling: a receiver may have something against the event itself.
        const control = signedRequest(receiver, receiver.fresh(String(event.event)));
        return accepts(what, request, control);
      }),
    ),
};

/** Characters of two, three and four bytes, so that wherever a body is cut, one of them is likely cut. */
const MANY_BYTES = 'é日本😀';
/** Above the 64 KiB that a socket reads at once, below the 100 kB that many frameworks take. */
const LONG_BYTES = 90_000;

export const splitCharacters: Probe = {
  id: 'split-characters',
  level: 'required',
  title: 'Characters that a network packet cuts in two stay whole',
  why: 'A body arrives in pieces, and a piece may end inside a character. Pieces that are decoded one by one get replacement characters there, and the signature no longer fits.',
  documented: RECEIVING,
  fix: 'Collect the pieces as bytes and join them: Buffer.concat(chunks). No text += chunk, and no setEncoding before the signature is checked.',
  after: [ACCEPTS_VALID, 'raw-bytes'],
  run(receiver) {
    const cases = [MANY_BYTES, MANY_BYTES.repeat(LONG_BYTES / Buffer.byteLength(MANY_BYTES))].map((text) => {
      const { event, json } = spellText(receiver.fresh(), JSON.stringify(text));
      const body = Buffer.from(json);
      const cutAt = body.lastIndexOf('😀') + 2;
      const what = `${body.length < 10_000 ? 'a small' : 'a large'} body, cut inside a character`;
      const control = signedRequest(receiver, receiver.fresh());
      const request = { ...signedRequest(receiver, event, { body }), cutAt };
      return accepts(what, request, control);
    });
    return judgeCases(receiver, cases);
  },
};
