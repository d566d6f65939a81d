// npm run bench: figures beside their limits in the same run. Absolute numbers are this machine's;
// quote the ratios. `--quick` for a first look, `--only` some of PARTS, `--minutes N` for the last two.
// `--peers`: beside what users would take instead; `--only post,queue,signatures,start`; `--markdown` for the
// tables of docs/benchmarks.md too.
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchClaim, benchMemory } from './claim.mjs';
import { benchDelivery } from './delivery.mjs';
import { benchIngest } from './ingest.mjs';
import { benchInspect } from './inspect.mjs';
import { benchLatency } from './latency.mjs';
import { watchMachine } from './machine.mjs';
import { benchNeighbours } from './neighbours.mjs';
import { benchPage } from './page.mjs';
import { runPeers } from './peers/run.mjs';
import { benchReady } from './ready.mjs';
import { benchSchedule } from './schedule.mjs';
import { benchStartup } from './startup.mjs';
import { benchSuite } from './suite.mjs';
import { bundleInternals, makeFolder } from './support.mjs';

const PARTS = 'startup,suite,ingest,delivery,latency,neighbours,claim,memory,schedule,inspect,page'.split(
  ',',
);

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    minutes: { type: 'string' },
    peers: { type: 'boolean' },
    markdown: { type: 'boolean' },
  },
});
if (values.peers) process.exit(await runPeers(values));
const parts = values.only?.split(',') ?? PARTS;
const unknown = parts.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`error: no part ${unknown.join(', ')}: ${PARTS.join(', ')}\n`);
  process.exit(2);
}
const wanted = (name) => parts.includes(name);
const quick = values.quick === true;
const folder = makeFolder();
const bundle = await bundleInternals(folder);
const say = (text) => process.stdout.write(`${text}\n`);
const ms = (value) => `${value.toFixed(3)} ms`;
const range = (megabytes, digits) => megabytes.map((value) => value.toFixed(digits)).join(' ');
const micro = (value) => `${value.toFixed(0)} µs`;

const seen = watchMachine();
say(
  `machine    Node ${process.versions.node}, ${availableParallelism()} cores, load average ${loadavg()[0].toFixed(1)} when it began`,
);

if (wanted('startup')) {
  for (const r of benchStartup({ folder, rounds: quick ? 20 : 60 })) {
    const goal = r.goal === undefined ? '' : `, goal ${r.goal}`;
    say(
      `startup    ${r.name.padEnd(10)} ${r.ms.toFixed(1)} ms, ${r.ratio.toFixed(2)} x node -e 0 (medians ${r.medianRatio.toFixed(2)})${goal}`,
    );
  }
  const { pairs, idle } = await benchReady({ folder, rounds: quick ? 5 : 15 });
  for (const r of pairs) {
    say(
      `           ${r.name}: ${r.ratio.toFixed(2)} x bare Express (${r.ms.toFixed(0)} to ${r.besideMs.toFixed(0)} ms; processor time ${r.cpuRatio.toFixed(2)} x), goal ${r.goal}`,
    );
  }
  say(
    `           idle after one event: dev ${idle.dev.toFixed(0)} MB resident, goal 80 (Express ${idle.express.toFixed(0)} MB)`,
  );
}
if (wanted('suite')) {
  const r = benchSuite({ folder, rounds: quick ? 1 : 3 });
  say(
    `suite      ${r.files} files that each start a gateway, ${r.tests} tests with reset() between them: ${(r.carvosMs / r.expressMs).toFixed(2)} x the same files with Express (${(r.carvosMs / 1000).toFixed(1)} to ${(r.expressMs / 1000).toFixed(1)} s)`,
  );
}
if (wanted('ingest')) {
  const r = await benchIngest({ bundle, folder, requests: quick ? 10_000 : 30_000, rounds: quick ? 3 : 7 });
  say(
    `ingest     ${r.ratio.toFixed(2)} x bare Express (${Math.round(r.carvosPerSecond)}/s to ${Math.round(r.expressPerSecond)}/s; processor time ${r.cpuRatio.toFixed(2)} x), goal 1.25`,
  );
  const { carvos, express, http, checked, stored } = r.microseconds;
  say(
    `           processor time for each: ${micro(carvos)}; Express ${micro(express)}; the floor ${micro(http)} for node:http, ${micro(checked)} with HMAC and JSON.parse, ${micro(stored)} with one INSERT and a group commit`,
  );
  say(`           ${r.accepted} answered 202, ${r.rows} rows, ${r.errors} errors`);
}
if (wanted('delivery')) {
  const { fromStart, warm } = await benchDelivery({
    bundle,
    folder,
    count: quick ? 20_000 : 50_000,
    rounds: quick ? 2 : 5,
  });
  const beside = (r) =>
    `${r.ratio.toFixed(2)} x raw undici Pool loop (${Math.round(r.carvosPerSecond)}/s to ${Math.round(r.rawPerSecond)}/s)`;
  say(`delivery   ${beside(fromStart)}, both from their start, goal 0.45`);
  say(`           ${beside(warm)} afterwards`);
}
if (wanted('latency')) {
  const r = await benchLatency({ bundle, folder, events: quick ? 500 : 2000 });
  say(
    `latency    202 to first attempt at 100/s: median ${ms(r.median)}, p99 ${ms(r.p99)}; goal 10 and 50 ms`,
  );
}
if (wanted('neighbours')) {
  const r = await benchNeighbours({ bundle, folder, events: quick ? 300 : 400, rounds: quick ? 1 : 3 });
  say(
    `neighbours a good receiver's p99 beside ${r.hung} hung attempts, a dead name and ${r.drips} single bytes: ${(r.beside / r.alone).toFixed(2)} x alone (${ms(r.beside)} to ${ms(r.alone)}), goal 1.5`,
  );
}
if (wanted('claim')) {
  for (const r of await benchClaim({
    bundle,
    folder,
    sizes: quick ? [1000, 100_000] : [1000, 100_000, 1_000_000],
  })) {
    const behind = r.hung > 0 ? `, behind ${r.hung} due rows of a hung receiver` : '';
    say(`claim      ${r.rows} rows pending${behind}: median ${ms(r.median)}, p99 ${ms(r.p99)}; goal 1 ms`);
  }
}
if (wanted('memory')) {
  const r = await benchMemory({ bundle, folder, pending: 100_000 });
  say(`memory     ${r.megabytes.toFixed(0)} MB resident with ${r.pending} pending; goal 250 MB`);
}
if (wanted('schedule')) {
  const rows = await benchSchedule({ bundle, folder });
  const text = rows.map(
    ({ expected, delay, ok }) => `${delay.toFixed(0)} ms for ${expected}${ok ? '' : ' (OUT OF BOUNDS)'}`,
  );
  say(`schedule   delays at speed 600: ${text.join(', ')}; goal 20 % or 50 ms`);
}
if (wanted('inspect')) {
  const minutes = Number(values.minutes ?? (quick ? 1 : 10));
  for (const [columns, rows, share] of [
    [80, 24, 0.8],
    [160, 45, 0.2],
  ]) {
    const size = { columns, rows, minutes: minutes * share };
    const r = await benchInspect({ bundle, folder, deliveries: 100_000, ...size });
    say(
      `inspect    at ${columns}x${rows}, 100,000 deliveries (${r.megabytes.toFixed(0)} MB), ${r.sentPerSecond.toFixed(0)} events/s: a key to its frame; goal 50 ms`,
    );
    for (const { name, count, ...times } of r.keys) {
      const { median, p99, max } = times;
      say(`           ${name.padEnd(15)} median ${ms(median)}, p99 ${ms(p99)}, max ${ms(max)} (${count})`);
    }
    say(
      `           screen: ${(r.cpuShare * 100).toFixed(0)} % of a core, MB resident over time ${range(r.memory, 0)}`,
    );
    say(`           gateway: MB resident over time ${range(r.gatewayMemory, 0)}`);
  }
}
if (wanted('page')) {
  const minutes = Number(values.minutes ?? (quick ? 1 : 10));
  const r = await benchPage({ bundle, folder, deliveries: 100_000, minutes });
  const { count, median, p99, max } = r.keys;
  say(
    `page       100,000 deliveries: the first rows are painted ${r.paint.toFixed(0)} ms after the navigation`,
  );
  say(
    `           ${r.sentPerSecond.toFixed(0)} events/s: a key to its frame median ${ms(median)}, p99 ${ms(p99)}, max ${ms(max)} (${count}); goal 100 ms`,
  );
  say(
    `           MB of heap over time: at the keys ${range(r.memoryOfKeys, 1)}; following the list ${range(r.memoryFollowing, 1)}`,
  );
}
const note = seen();
if (note !== null) say(`machine    ${note}`);
