// Sign and verify: carvos/signing, as built, beside stripe's library.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareRounds } from './ratios.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const SIGNING = join(here, '../../dist/signing.js');

export async function benchSignatures({ children, peers, quick, progress }) {
  progress('signatures');
  // Its package has one entry for Node with either kind of import.
  const stripe = peers.module('stripe', 'esm/stripe.esm.node.js');
  return compareSignatures({ children, stripe, rounds: quick ? 9 : 31 });
}

/** @param stripe its entry for Node. */
export async function compareSignatures({ children, stripe, rounds }) {
  const results = await children.ask(join(here, 'child-signatures.mjs'), [rounds, SIGNING, stripe]);
  // The other way round: more per second is above 1.
  return {
    rounds,
    rows: results.map(({ size, what, ours, theirs }) => ({ size, what, ...compareRounds(theirs, ours) })),
  };
}
