// Whether the diagnosis finds what it promises on a machine that is busy: every run tries all recipes and single mistakes,
// and looks for its share of them, so that the runs together look for each, or for as many as are asked for.
//   npm run finished [RUNS] [MISTAKES A RUN, all of them over the runs by default]
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { made } from '../src/signing/diagnose/body-lists.ts';
import { bodyVariants } from '../src/signing/diagnose/body-variants.ts';
import { readJsonBody } from '../src/signing/diagnose/json-variants.ts';
import { messageVariants } from '../src/signing/diagnose/message-variants.ts';
import { secretVariants } from '../src/signing/diagnose/secret-variants.ts';
import { diagnose } from '../src/signing/index.ts';

const RUNS = Number(process.argv[2] ?? 20);
const A_RUN = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const T = 1_768_472_880;
const secrets = [
  { value: 'whsec_b3V0Z29pbmctc2VjcmV0', role: 'expected' as const },
  { value: 'incoming&secret$value', role: 'other_direction' as const },
];
const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]) => {
  const sum = createHmac('sha256', key);
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
};

/** A body of about this many bytes, of which most recipes write something else. */
function bodyOf(bytes: number): Buffer {
  const one = {
    id: 136.0,
    name: ' Zoë <b>&"/ 😀',
    at: '2026-01-15T10:28:00.000Z',
    none: null,
    tags: [],
    '10': 1e21,
  };
  const event = { event: 'candidate.created', event_id: 'evt-1', timestamp: '2026-01-15T10:28:00.000Z' };
  const list = Array.from({ length: Math.ceil(bytes / 130) }, (_none, index) => ({ ...one, index }));
  return Buffer.from(
    JSON.stringify({ ...event, data: { score: 87.5, list } }, null, 1).replaceAll('136,', '136.0,'),
  );
}

/** What a program would have signed with each single mistake, by what it does; those that change nothing here are left out. */
function mistakesOf(body: Buffer): { what: string; hex: string }[] {
  const key = Buffer.from(secrets[0]!.value);
  const name = (mistakes: readonly { what: string }[]) => mistakes.map(({ what }) => what).join(' + ');
  const { swapped, mangled, rare } = secretVariants(secrets);
  const bodies = [...readJsonBody(body.toString())!.recipes(), ...bodyVariants(body)];
  const all = [
    ...[...made(bodies)].map(({ bytes, mistakes }) => ({
      what: name(mistakes),
      hex: hmac(key, `${T}.`, bytes),
    })),
    ...[...swapped, ...mangled, ...rare].map((one) => ({
      what: name(one.mistakes),
      hex: hmac(one.key, `${T}.`, body),
    })),
    ...messageVariants(String(T), 'evt-1', null).map(({ before, after, mistakes }) => ({
      what: name(mistakes),
      hex: hmac(key, before, body, after),
    })),
  ];
  const right = hmac(key, `${T}.`, body);
  return [...new Map(all.filter(({ hex }) => hex !== right).map((one) => [one.hex, one])).values()];
}

// They end by themselves where this process is killed.
const LOOP = 'const end = Date.now() + 900_000; while (Date.now() < end);';
const loops = [1, 2].map(() => spawn(process.execPath, ['-e', LOOP], { stdio: 'ignore' }));
try {
  for (const size of [1000, 40_000]) {
    const body = bodyOf(size);
    const look = (hex: string) => {
      const started = performance.now();
      const { tried, verdict } = diagnose({ body, header: `t=${T},v1=${hex}`, secrets, now: T, budget: 0 });
      return { tried, isExplained: verdict === 'explained', ms: performance.now() - started };
    };
    // What nothing explains is held against all of it.
    const nothing = () => look(randomBytes(32).toString('hex'));
    const all = mistakesOf(body);
    const stride = Math.max(1, all.length / (RUNS * A_RUN));
    const share = all.filter(
      (_one, index) => Math.floor(index / stride) !== Math.floor((index - 1) / stride),
    );
    const combinations = new Set<number>();
    const missed: string[] = [];
    let longest = 0;
    for (let run = 0; run < RUNS; run++) {
      const unexplained = nothing();
      combinations.add(unexplained.tried);
      longest = Math.max(longest, unexplained.ms);
      // Evenly over all of them, others in each run.
      for (const { what, hex } of share.filter((_one, index) => index % RUNS === run)) {
        const found = look(hex);
        longest = Math.max(longest, found.ms);
        if (!found.isExplained) missed.push(what);
      }
    }
    const sought = `${share.length} of ${all.length} mistakes, ${Math.floor(share.length / RUNS)} or more a run`;
    const names = missed.length > 0 ? ` (${missed.join('; ')})` : '';
    console.log(
      `${body.length} bytes, ${RUNS} runs: all ${[...combinations].join(' or ')} combinations tried in each; ${sought}: ${missed.length} missed${names}; ${Math.round(longest)} ms at most`,
    );
    if (combinations.size !== 1 || missed.length > 0) process.exitCode = 1;
  }
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
}
