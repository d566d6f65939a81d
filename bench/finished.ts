// Whether the diagnosis finds what it promises on a machine that is busy: all recipes and single mistakes, in every run.
//   npm run finished [RUNS]
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { bodyVariants } from '../src/signing/diagnose/body-variants.ts';
import { readJsonBody } from '../src/signing/diagnose/json-variants.ts';
import { messageVariants } from '../src/signing/diagnose/message-variants.ts';
import { secretVariants } from '../src/signing/diagnose/secret-variants.ts';
import { diagnose } from '../src/signing/index.ts';

const RUNS = Number(process.argv[2] ?? 20);
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

/** What a program would have signed with each single mistake, by what it does. */
function mistakesOf(body: Buffer): { what: string; hex: string }[] {
  const key = Buffer.from(secrets[0]!.value);
  const name = (mistakes: readonly { what: string }[]) => mistakes.map(({ what }) => what).join(' + ');
  const { swapped, mangled } = secretVariants(secrets);
  return [
    ...[...readJsonBody(body.toString())!.recipes(), ...bodyVariants(body)].map((one) => ({
      what: name(one.mistakes),
      hex: hmac(key, `${T}.`, one.make()),
    })),
    ...[...swapped, ...mangled].map((one) => ({
      what: name(one.mistakes),
      hex: hmac(one.key, `${T}.`, body),
    })),
    ...messageVariants(String(T), 'evt-1', null).map(({ before, after, mistakes }) => ({
      what: name(mistakes),
      hex: hmac(key, before, body, after),
    })),
  ];
}

const loops = [1, 2].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
try {
  for (const [size, each] of [
    [1000, 12],
    [40_000, 2],
  ] as const) {
    const body = bodyOf(size);
    const look = (hex: string) => diagnose({ body, header: `t=${T},v1=${hex}`, secrets, now: T, budget: 0 });
    const all = mistakesOf(body);
    const missed: string[] = [];
    const tried = new Set<number>();
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      // A signature that nothing explains: all is tried, and as many as in every other run.
      const started = performance.now();
      tried.add(look(randomBytes(32).toString('hex')).tried);
      times.push(performance.now() - started);
      for (let turn = 0; turn < each; turn++) {
        const { what, hex } = all[((run * each + turn) * 7) % all.length]!;
        if (look(hex).verdict === 'unexplained') missed.push(what);
      }
    }
    const looked = Math.min(all.length, RUNS * each);
    console.log(
      `${body.length} bytes: ${RUNS} runs, each with the same ${[...tried].join(' / ')} combinations; ${looked} of ${all.length} mistakes looked for, ${missed.length} missed${missed.length > 0 ? ` (${missed.join('; ')})` : ''}; all takes ${Math.round(Math.max(...times))} ms at most`,
    );
    if (tried.size !== 1 || missed.length > 0) process.exitCode = 1;
  }
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
}
