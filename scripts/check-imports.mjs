// Holds src/ to its import rules (import-rules.mjs), and to having no circle of files. `--root FOLDER` checks another tree.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { ROOMS, SHARED } from './import-rules.mjs';

const { root } = parseArgs({ options: { root: { type: 'string' } } }).values;
const source = resolve(root ?? join(dirname(fileURLToPath(import.meta.url)), '..'), 'src');

const rules = new Map(ROOMS.map((rule) => [rule.room, rule]));
const problems = checkRules();
const graph = new Map();
/** `room -> room` for each import between rooms. */
const arrows = new Set();
for (const file of walk(source)) checkFile(file);
findCircles();
findUnused();

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n${problems.length} import(s) against the rules\n`);
  process.exit(1);
}
process.stdout.write(`imports: ${graph.size} files in ${ROOMS.length} rooms keep the rules, no circle\n`);

/** A room may list only rooms that stand before it: then rooms cannot form a circle. An exception needs a reason. */
function checkRules() {
  const found = [];
  const before = new Set();
  for (const { room, may, packages, exceptions = [] } of ROOMS) {
    for (const name of may) if (!before.has(name)) found.push(`rule of ${room}: ${name} is no room below it`);
    for (const entry of [...packages, ...exceptions]) {
      if (typeof entry === 'object' && !(entry.why && ['lazy', 'types'].includes(entry.only))) {
        found.push(`rule of ${room}: the exception for ${entry.name} has no reason`);
      }
    }
    before.add(room);
  }
  return found;
}

function checkFile(file) {
  const name = relative(source, file);
  const rule = rules.get(roomOf(name));
  if (!rule) problems.push(`src/${name}: no rule for this room`);
  graph.set(name, []);
  for (const { specifier, kind, line } of importsOf(file)) {
    const where = `src/${name}:${line}`;
    if (!specifier.startsWith('.')) {
      if (rule && !allowed(rule.packages, specifier, kind)) {
        problems.push(`${where}: ${rule.room} may not import the package ${specifier} (${kind})`);
      }
      continue;
    }
    const target = relative(source, resolve(dirname(file), specifier));
    if (target.startsWith('..')) {
      if (!target.endsWith('.json')) problems.push(`${where}: imports ${specifier}, outside src/`);
      continue;
    }
    if (kind !== 'lazy') graph.get(name).push(target);
    const room = roomOf(target);
    arrows.add(`${rule?.room} -> ${room}`);
    if (rule && room !== rule.room && !allowed([...rule.may, ...(rule.exceptions ?? [])], room, kind)) {
      problems.push(`${where}: ${rule.room} may not import ${room ?? target} (${kind})`);
    }
  }
}

/** The longest listed name that holds the file. */
function roomOf(name) {
  const parts = name.split('/');
  for (let length = parts.length; length > 0; length--) {
    const room = parts.slice(0, length).join('/');
    if (rules.has(room)) return room;
  }
  return undefined;
}

/** A plain entry allows every kind of import; one with `only` allows that kind. */
function allowed(list, name, kind) {
  return list.some((entry) => {
    const { name: pattern, only } = typeof entry === 'string' ? { name: entry } : entry;
    if (only && only !== kind) return false;
    return pattern.endsWith('*') ? name?.startsWith(pattern.slice(0, -1)) : pattern === name;
  });
}

function* walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

function importsOf(file) {
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (node, specifier, kind) =>
    found.push({ specifier, kind, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  const visit = (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier.text, onlyTypes(node) ? 'types' : 'values');
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (ts.isStringLiteral(node.arguments[0])) add(node, node.arguments[0].text, 'lazy');
    } else if (ts.isImportTypeNode(node)) {
      add(node, node.argument.literal.text, 'types');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function onlyTypes(node) {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node;
  if (clause?.isTypeOnly) return true;
  const named = clause && (ts.isImportDeclaration(node) ? clause.namedBindings : clause.exportClause);
  return !clause?.name && named?.elements?.length > 0 && named.elements.every((one) => one.isTypeOnly);
}

/** Circles of files, imports of types included; what is loaded by `import()` is loaded later, and makes none. */
function findCircles() {
  const state = new Map();
  const path = [];
  const visit = (file) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      problems.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file);
}

/** An allowance that nobody uses would let in what nobody looked at. What every room may import is no such allowance. */
function findUnused() {
  for (const { room, may, exceptions = [] } of ROOMS) {
    for (const name of [...may, ...exceptions.map((one) => one.name)]) {
      if (SHARED.includes(name) || arrows.has(`${room} -> ${name}`)) continue;
      problems.push(`rule of ${room}: nothing imports ${name}`);
    }
  }
}
