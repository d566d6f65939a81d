// Counts false accusations: random signatures that the diagnosis explains. There must be none.
//   npm run accusations [COUNT]
import { randomBytes } from 'node:crypto';
import { diagnose } from '../src/signing/index.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
/** Signatures in one header: each is held against every combination. */
const TOGETHER = 55;
const T = 1_768_472_880;
const body = Buffer.from(
  '{"event":"candidate.created","event_id":"evt-1","timestamp":"2026-01-15T10:28:00.000Z","data":{"name":" Zoë 😀","score":87.0,"none":null,"tags":[]}}',
);
const secrets = [
  { value: 'whsec_b3V0Z29pbmctc2VjcmV0', role: 'expected' as const },
  { value: 'incoming&secret$value', role: 'other_direction' as const },
];

let accused = 0;
let combinations = 0;
const started = performance.now();
for (let done = 0; done < COUNT; done += TOGETHER) {
  const values = Array.from({ length: TOGETHER }, () => `v1=${randomBytes(32).toString('hex')}`);
  const header = `t=${T},${values.join(',')}`;
  const result = diagnose({ body, header, secrets, now: T, budget: 0 });
  combinations += result.tried;
  if (result.verdict !== 'unexplained') accused++;
}
console.log(
  `${accused} of ${COUNT} random signatures accused somebody; ${combinations * TOGETHER} comparisons, ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
