// What is said of the figures: for a terminal, and as the table of the README.
import { CONNECTIONS } from '../load.mjs';
import { formatRatio, formatSpread, twoFigures } from './ratios.mjs';

/** What a mock server is given. */
const GIVEN = {
  Prism: 'Prism with the whole OpenAPI document',
  'Prism, one route': 'Prism with one route and no schema',
  Mockoon: 'Mockoon with one route',
};

export const textOf = {
  post(r) {
    return [
      `post       events accepted a second, of carvos to the other (above 1: carvos is faster); ${r.rounds} rounds, ${CONNECTIONS} connections`,
      '           carvos dev checks signature and schema and stores the event durably. Prism and Mockoon store nothing and check no',
      '           signature; Prism checks the schema where it is given one. AI and delivery are idle meanwhile.',
      ...r.taken.map((one) => line(`to the 202, ${GIVEN[one.name]}`, one)),
      '           The same with the whole loop behind the 202 (AI stub, signed webhook delivered and logged), which the others do not have:',
      ...r.allTheWay.map((one) =>
        line(`to the delivered webhook, beside the 202 of ${GIVEN[one.name]}`, one),
      ),
      `           ${r.refused} not answered 202, ${r.undelivered} not delivered`,
    ];
  },
  queue(r) {
    const rows = (name, pair) => [
      line(`${name}: enqueue`, pair.enqueue),
      line(`${name}: claim and complete`, pair.work),
      line(`${name}: both`, pair.both),
    ];
    return [
      `queue      jobs a second, of carvos to plainjob (above 1: carvos is faster); ${r.jobs} jobs of 500 bytes, ${r.rounds} rounds`,
      '           Not the same work: for each job carvos also writes a row of the log with headers, signature and the answer with its body.',
      '           carvos has up to 64 jobs in flight; a worker of plainjob takes one at a time, and gets its jobs by addMany(64).',
      '           synchronous: carvos always FULL (survives a power cut); plainjob NORMAL by default (survives a kill).',
      ...rows('as they are', r.asTheyAre),
      ...rows('both FULL', r.bothFull),
      `           carvos too with one job at a time, each step awaited until it is durable; plainjob with add(); ${r.jobsOneByOne} jobs:`,
      ...rows('one by one, as they are', r.oneByOneAsTheyAre),
      ...rows('one by one, both FULL', r.oneByOne),
      '           carvos too with its engine and one job in flight: the next is claimed while the result before it is flushed:',
      ...rows('one in flight, as they are', r.oneInFlightAsTheyAre),
      ...rows('one in flight, both FULL', r.oneInFlight),
    ];
  },
  signatures(r) {
    return [
      `signatures calls a second, of carvos/signing to stripe (above 1: carvos is faster); ${r.rounds} rounds`,
      '           Both verify bytes; carvos signs bytes, stripe text.',
      ...r.rows.map((one) => line(`${one.what}, ${sizeOf(one)}`, one)),
    ];
  },
  start(r) {
    return [
      `start      how many times as fast as the other (above 1: carvos is faster); least of ${r.rounds} runs each`,
      ...r.version.map((one) => line(`--version, ${one.name}`, one)),
      ...r.ready.map((one) => line(`until the first 202, ${GIVEN[one.name]}`, one)),
      '           How many times as long as `node -e 0`:',
      line('carvos --version', r.node.version),
      line('carvos dev, until the first 202', r.node.dev),
      `           ${r.least.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join('; ')}`,
    ];
  },
};

/** The tables of the README, for the parts that were measured. */
export function tablesOf({ post, queue, signatures, start }) {
  const tables = [];
  if (post || start) {
    const servers = Object.keys(GIVEN);
    const row = (what, results) => [
      what,
      ...servers.map((name) => formatCell(results?.find((one) => one.name === name))),
    ];
    tables.push([
      ['', ...servers.map((name) => GIVEN[name])],
      ...(post ? [row('events a second: 202', post.taken)] : []),
      ...(post ? [row('events a second: 202, AI stub, webhook delivered', post.allTheWay)] : []),
      ...(start ? [row('start: `--version`', start.version)] : []),
      ...(start ? [row('start: until the first 202', start.ready)] : []),
    ]);
  }
  if (queue) {
    tables.push([
      ['', 'plainjob as it is (`NORMAL`)', 'plainjob with `FULL`'],
      ['jobs a second, 64 at once', formatCell(queue.asTheyAre.both), formatCell(queue.bothFull.both)],
      [
        'jobs a second, one by one',
        formatCell(queue.oneByOneAsTheyAre.both),
        formatCell(queue.oneByOne.both),
      ],
      [
        'jobs a second, one in flight',
        formatCell(queue.oneInFlightAsTheyAre.both),
        formatCell(queue.oneInFlight.both),
      ],
    ]);
  }
  if (signatures) {
    const { rows } = signatures;
    const sizes = [...new Set(rows.map(sizeOf))];
    const cell = (what, size) => formatCell(rows.find((one) => one.what === what && sizeOf(one) === size));
    tables.push([
      ['', ...sizes.map((size) => `stripe, ${size}`)],
      ...[...new Set(rows.map(({ what }) => what))].map((what) => [
        `${what}, calls a second`,
        ...sizes.map((size) => cell(what, size)),
      ]),
    ]);
  }
  const texts = tables.map(asMarkdown);
  if (start) {
    const { version, dev } = start.node;
    texts.push(
      `\`carvos --version\` takes ${formatRatio(version)} as long as \`node -e 0\`, \`carvos dev\` until its first 202 ${formatRatio(dev)}.`,
    );
  }
  return texts.join('\n\n');
}

const formatCell = (ratio) => (ratio ? formatRatio(ratio) : '');

function asMarkdown([head, ...rows]) {
  const text = (cells) => `| ${cells.join(' | ')} |`;
  return [text(head), text(head.map(() => '---')), ...rows.map(text)].join('\n');
}

const sizeOf = ({ size }) => `${size / 1000} KB`;
const line = (name, ratio) =>
  `           ${`${twoFigures(ratio.median)} ×`.padEnd(8)}${formatSpread(ratio).padEnd(20)}${name}`;
