// What is said of the figures: for a terminal, and as the table of the README.
import { formatRatio, twoFigures } from './ratios.mjs';

const WHOLE = 'Prism, whole OpenAPI document';
/** Names of the mock servers in tables. */
const named = (name) => (name === 'Prism' ? WHOLE : name);

export const textOf = {
  post(r) {
    return [
      `post       events accepted a second, of carvos to the other (above 1: carvos is faster); ${r.rounds} rounds, 64 connections`,
      '           carvos dev checks signature and schema and stores the event durably. Prism and Mockoon store nothing and check no',
      '           signature; Prism checks the schema where it is given one.',
      ...r.taken.map((one) => line(`to the 202, ${named(one.name)}`, one)),
      '           The same with the whole loop behind the 202 (AI stub, signed webhook delivered and logged), which the others do not have:',
      ...r.allTheWay.map((one) => line(`to the delivered webhook, ${named(one.name)}`, one)),
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
      '           carvos has up to 64 jobs under way; a worker of plainjob takes one at a time, and gets its jobs by addMany(64).',
      '           synchronous: carvos always FULL (survives a power cut); plainjob NORMAL by default (survives a kill).',
      ...rows('as they are', r.asTheyAre),
      ...rows('both FULL', r.bothFull),
      `           carvos too with one job at a time, each step awaited until it is durable; plainjob with add(); ${r.jobsOneByOne} jobs:`,
      ...rows('one by one, as they are', r.oneByOneAsTheyAre),
      ...rows('one by one, both FULL', r.oneByOne),
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
      `start      time, of carvos to the other (below 1: carvos is faster); least of ${r.rounds} runs each`,
      ...r.node.map((one, i) => line(`${['--version', 'dev, to the first 202'][i]}, ${one.name}`, one)),
      ...r.version.map((one) => line(`--version, ${one.name}`, one)),
      ...r.ready.map((one) => line(`to the first 202, ${named(one.name)}`, one)),
      `           ${r.least.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join('; ')}`,
    ];
  },
};

/** Rows of the README's table, for the parts that were measured. */
export function tableOf({ post, queue, signatures, start }) {
  const rows = [];
  const add = (what, other, ratio) => rows.push(`| ${what} | ${other} | ${formatRatio(ratio)} |`);
  for (const one of post?.taken ?? []) add('events to the 202, a second', named(one.name), one);
  for (const one of post?.allTheWay ?? [])
    add('events to the delivered webhook, a second', named(one.name), one);
  if (queue) {
    add('jobs, a second', 'plainjob as it is (`NORMAL`)', queue.asTheyAre.both);
    add('jobs, a second', 'plainjob, `FULL` as carvos', queue.bothFull.both);
    add('jobs one by one, a second', 'plainjob as it is (`NORMAL`)', queue.oneByOneAsTheyAre.both);
    add('jobs one by one, a second', 'plainjob, `FULL` as carvos', queue.oneByOne.both);
  }
  for (const one of signatures?.rows ?? []) add(`${one.what} ${sizeOf(one)}, a second`, 'stripe', one);
  for (const one of start?.node ?? []) add(`time of \`${one.ours}\``, one.name, one);
  for (const one of start?.version ?? []) add('time of `--version`', one.name.split(' ')[0], one);
  for (const one of start?.ready ?? []) add('time until the first 202', named(one.name), one);
  return ['| measured | beside | carvos to that |', '| --- | --- | --- |', ...rows];
}

const sizeOf = ({ size }) => `${size / 1000} KB`;
const line = (name, ratio) =>
  `           ${`${twoFigures(ratio.median)} x`.padEnd(8)}${formatRatio(ratio)
    .replace(/^\S+ x /, '')
    .padEnd(20)}${name}`;
