// Pure counting for coverage.mjs: several coverage maps of the same sources onto one, by line and branch.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Adds what builds of the same sources counted to what the tests' own processes did. The two compilers set places a
 * little apart, so lines and branches are those of the first; a branch of a build is the one of the same kind that
 * comes as the so-manieth in its file, or, where a build has left code out, on its line.
 *
 * @param base counts of the test processes, with every file of src/.
 * @param builds counts of what child processes ran.
 * @param nameOf gives a path below src/, or null for what is not ours.
 */
export function mergeFiles(base, builds, nameOf) {
  const files = new Map();
  for (const [path, counts] of Object.entries(base)) {
    const name = nameOf(path);
    if (name !== null) files.set(name, { lines: linesOf(counts), branches: branchesOf(counts) });
  }
  for (const build of builds) {
    for (const [path, counts] of Object.entries(build)) {
      const file = files.get(nameOf(path));
      if (file === undefined) continue;
      for (const [line, hits] of linesOf(counts)) {
        if (file.lines.has(line)) file.lines.set(line, file.lines.get(line) + hits);
      }
      addBranches(file.branches, branchesOf(counts));
    }
  }
  return files;
}

function linesOf({ statementMap, s }) {
  const lines = new Map();
  for (const [id, { start }] of Object.entries(statementMap)) {
    lines.set(start.line, (lines.get(start.line) ?? 0) + s[id]);
  }
  return lines;
}

/** In the order of the source. */
function branchesOf({ branchMap, b }) {
  return Object.entries(branchMap)
    .map(([id, { type, loc, locations }]) => ({ type, start: loc.start, locations, hits: [...b[id]] }))
    .sort((left, right) => left.start.line - right.start.line || left.start.column - right.start.column);
}

function addBranches(known, added) {
  for (const type of new Set(added.map((branch) => branch.type))) {
    const mine = known.filter((branch) => branch.type === type);
    const others = added.filter((branch) => branch.type === type);
    others.forEach((other, index) => {
      const same = mine.length === others.length ? mine[index] : sameOnLine(mine, others, other);
      same?.hits.forEach((_, way) => {
        same.hits[way] += other.hits[way] ?? 0;
      });
    });
  }
}

function sameOnLine(mine, others, other) {
  const onLine = (branches) => branches.filter((branch) => branch.start.line === other.start.line);
  return onLine(mine)[onLine(others).indexOf(other)];
}

const percent = (hit, all) => (all === 0 ? 100 : (100 * hit) / all);
const counted = (items, hits) => ({ all: items.length, hit: items.filter((item) => hits(item) > 0).length });

function sumOf(files) {
  const lines = counted(
    files.flatMap((file) => [...file.lines.values()]),
    (hits) => hits,
  );
  const branches = counted(
    files.flatMap((file) => file.branches.flatMap((branch) => branch.hits)),
    (hits) => hits,
  );
  return { lines, branches };
}

/** Percentage of lines. */
export const lineTotals = ({ lines }) => percent(lines.hit, lines.all);

/** A table with a row for each folder, and the sum of all. */
export function formatTable(files) {
  const folders = new Map();
  for (const [name, file] of files) {
    const folder = name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : '.';
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const total = sumOf([...files.values()]);
  const row = (name, { lines, branches }) =>
    [
      name.padEnd(34),
      `${percent(lines.hit, lines.all).toFixed(1)} %`.padStart(8),
      `${lines.hit}/${lines.all}`.padStart(12),
      `${percent(branches.hit, branches.all).toFixed(1)} %`.padStart(9),
      `${branches.hit}/${branches.all}`.padStart(12),
    ].join(' ');
  const rows = [...folders]
    .filter(([, members]) => sumOf(members).lines.all > 0)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const table = [
    `${'src/'.padEnd(34)}${'lines'.padStart(9)}${''.padStart(13)}${'branches'.padStart(10)}`,
    ...rows.map(([folder, members]) => row(folder, sumOf(members))),
    row('all', total),
  ].join('\n');
  return { table, total };
}

/** `src/FILE:LINE KIND: the line's text` for each branch that no test took. */
export function uncoveredBranches(files, root) {
  const found = [];
  for (const [name, { branches }] of [...files].sort(([left], [right]) => (left < right ? -1 : 1))) {
    if (branches.every(({ hits }) => hits.every((count) => count > 0))) continue;
    const text = readFileSync(join(root, 'src', name), 'utf8').split('\n');
    for (const { type, start, locations, hits } of branches) {
      for (const [way, count] of hits.entries()) {
        if (count > 0) continue;
        const line = locations[way]?.start?.line ?? start.line;
        const which = type === 'if' ? (way === 0 ? 'if' : 'else') : `${type} ${way + 1}`;
        found.push(`src/${name}:${line} ${which}: ${text[line - 1]?.trim() ?? ''}`);
      }
    }
  }
  return found;
}
