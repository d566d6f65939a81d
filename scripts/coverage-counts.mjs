// Pure counting for coverage.mjs: several coverage maps of the same sources onto one, by line and branch.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Adds up what several builds of the same sources counted. Two compilers set a statement's column a little apart,
 * so lines are compared, and branches by kind, line and their order on it.
 * `nameOf` gives a path below src/, or null for what is not ours.
 */
export function mergeFiles(parts, nameOf) {
  const files = new Map();
  for (const part of parts) {
    for (const [path, counts] of Object.entries(part)) {
      const name = nameOf(path);
      if (name === null) continue;
      if (!files.has(name)) files.set(name, { lines: new Map(), branches: new Map() });
      addCounts(files.get(name), counts);
    }
  }
  return files;
}

function addCounts(file, { statementMap, s, branchMap, b }) {
  for (const [id, { start }] of Object.entries(statementMap)) {
    file.lines.set(start.line, (file.lines.get(start.line) ?? 0) + s[id]);
  }
  const seenOnLine = new Map();
  const inOrder = Object.entries(branchMap).sort(
    ([, left], [, right]) =>
      left.loc.start.line - right.loc.start.line || left.loc.start.column - right.loc.start.column,
  );
  for (const [id, { type, loc, locations }] of inOrder) {
    const place = `${loc.start.line} ${type}`;
    const order = seenOnLine.get(place) ?? 0;
    seenOnLine.set(place, order + 1);
    for (const [way, hits] of b[id].entries()) {
      const key = `${place} ${order} ${way}`;
      const known = file.branches.get(key) ?? { line: loc.start.line, type, way, hits: 0, at: undefined };
      known.hits += hits;
      known.at ??= locations[way]?.start?.line;
      file.branches.set(key, known);
    }
  }
}

const percent = (hit, all) => (all === 0 ? 100 : (100 * hit) / all);
const counted = (items, hits) => ({ all: items.length, hit: items.filter((item) => hits(item) > 0).length });

function sumOf(files) {
  const lines = counted(
    files.flatMap((file) => [...file.lines.values()]),
    (hits) => hits,
  );
  const branches = counted(
    files.flatMap((file) => [...file.branches.values()]),
    ({ hits }) => hits,
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
    const missed = [...branches.values()].filter(({ hits }) => hits === 0);
    if (missed.length === 0) continue;
    const text = readFileSync(join(root, 'src', name), 'utf8').split('\n');
    for (const { line, type, way, at } of missed.sort((left, right) => left.line - right.line)) {
      const which = type === 'if' ? (way === 0 ? 'if' : 'else') : `${type} ${way + 1}`;
      found.push(`src/${name}:${at ?? line} ${which}: ${text[(at ?? line) - 1]?.trim() ?? ''}`);
    }
  }
  return found;
}
