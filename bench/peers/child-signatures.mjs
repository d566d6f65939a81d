// carvos/signing beside stripe's library, in turns of some milliseconds each. argv: rounds, module of
// carvos/signing, module of stripe. Sends the times of every round.
import { pathToFileURL } from 'node:url';

const [rounds, signing, stripeModule] = process.argv.slice(2);
const { sign, verify } = await import(pathToFileURL(signing).href);
const { default: Stripe } = await import(pathToFileURL(stripeModule).href);
// A key of the form that it wants; it calls nobody.
const { webhooks } = new Stripe('sk_test_none');
const secret = 'whsec_bench_secret_of_some_length';
const results = [];
for (const [size, times] of [
  [1000, 3000],
  [100_000, 150],
]) {
  const body = bodyOf(size);
  // stripe signs text; it verifies bytes as well, as both do here, since they are what a receiver has.
  const text = body.toString('utf8');
  const header = sign(body, secret);
  const pairs = {
    sign: [() => sign(body, secret), () => webhooks.generateTestHeaderString({ payload: text, secret })],
    verify: [
      () => verify({ body, header, secret }).valid,
      () => webhooks.signature.verifyHeader(body, header, secret, 300),
    ],
    'verify and parse': [
      () => verify({ body, header, secret }).valid && JSON.parse(body.toString('utf8')),
      () => webhooks.constructEvent(body, header, secret, 300),
    ],
  };
  for (const [what, functions] of Object.entries(pairs)) {
    const [ours, theirs] = [[], []];
    // The first rounds are the compiler's.
    for (let round = -3; round < Number(rounds); round++) {
      const order = round % 2 === 0 ? [0, 1] : [1, 0];
      const took = [];
      for (const which of order) took[which] = time(functions[which], times);
      if (round < 0) continue;
      ours.push(took[0]);
      theirs.push(took[1]);
    }
    results.push({ size, what, ours, theirs });
  }
}
process.send(results);

function time(work, times) {
  let result = work();
  if (!result) throw new Error('a genuine signature did not verify');
  const from = performance.now();
  for (let i = 0; i < times; i++) result = work();
  const ms = performance.now() - from;
  if (!result) throw new Error('a genuine signature did not verify');
  return ms;
}

/** Plain ASCII, which is the faster text to decode. */
function bodyOf(size) {
  const body = { event: 'candidate.created', event_id: 'evt-1', client_id: 'acme-corp', data: { cv: '' } };
  body.data.cv = 'reach truck '.repeat(Math.ceil(size / 12)).slice(0, size - JSON.stringify(body).length);
  return Buffer.from(JSON.stringify(body));
}
