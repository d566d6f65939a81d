// POST of a signed candidate event -> 202: `carvos dev` beside mock servers on the same route.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../load.mjs';
import { signedEvent } from '../support.mjs';
import { compareRounds } from './ratios.mjs';
import { describeServers, PATH, saveDocument, startServer, untilDelivered } from './servers.mjs';

/** How long a server is under load at a time. */
const SECONDS = 2;
const SECONDS_QUICK = 0.7;

export async function benchPost({ children, folder, peers, quick, progress }) {
  const rounds = quick ? 3 : 9;
  const seconds = quick ? SECONDS_QUICK : SECONDS;
  const contestants = await startAll({ children, folder, peers });
  let sent = 0;
  let refused = 0;

  /** Signed beforehand: only sending is measured. */
  const turn = async (one, count) => {
    const prepared = Array.from({ length: count }, () => signedEvent(`post-${sent++}`, one.fields(sent)));
    const from = performance.now();
    const { perSecond, ok } = await load(one.url, PATH, prepared);
    refused += count - ok;
    one.accepted += ok;
    if (!one.settle) return perSecond;
    await one.settle();
    return (count / (performance.now() - from)) * 1000;
  };

  for (const one of contestants) {
    progress(`post: warming up ${one.name}`);
    const cold = await turn(one, 1000);
    one.count = atLeast64((await turn(one, atLeast64(cold * seconds))) * seconds);
  }
  for (let round = 0; round < rounds; round++) {
    progress(`post: round ${round + 1} of ${rounds}`);
    // Each comes after each other one in turn.
    for (let i = 0; i < contestants.length; i++) {
      const one = contestants[(i + round) % contestants.length];
      one.rates.push(await turn(one, one.count));
    }
  }
  const [taken, allTheWay, ...others] = contestants;
  const delivered = (await untilDelivered(allTheWay)).delivered;
  for (const one of contestants) await one.stop();
  return {
    rounds,
    refused,
    // One more found out that the server was up.
    undelivered: allTheWay.accepted + 1 - delivered,
    taken: others.map((other) => ({ name: other.name, ...pair(taken, other) })),
    allTheWay: others.map((other) => ({ name: other.name, ...pair(allTheWay, other) })),
  };
}

const pair = (ours, theirs) => compareRounds(ours.rates, theirs.rates);
const atLeast64 = (count) => Math.max(64, Math.round(count));

async function startAll({ children, folder, peers }) {
  const servers = describeServers({ peers, folder });
  const start = async (name, argsOf, more = {}) => {
    const cwd = join(folder, `post-${name.replaceAll(/\W+/g, '-')}`);
    mkdirSync(cwd);
    const server = await startServer(children, cwd, argsOf);
    // The stub AI sleeps on these, so AI and delivery stay idle.
    const fields = (i) => ({ email: `sanne${i}+slow-10m@example.com` });
    return { name, cwd, ...server, fields, rates: [], accepted: 0, ...more };
  };
  const taken = await start('carvos', servers.carvos('carvos.db'));
  const allTheWay = await start('carvos all the way', servers.carvos('carvos.db'), { fields: () => ({}) });
  allTheWay.settle = () => untilDelivered(allTheWay);
  const document = join(folder, 'openapi.json');
  await saveDocument(taken.url, document);
  return [
    taken,
    allTheWay,
    await start('Prism', servers.prism(document)),
    await start('Prism, one route', servers.prismOneRoute),
    await start('Mockoon', servers.mockoon),
  ];
}
