// Holds the house to its import rule (ARCHITECTURE.md, "Who may know whom"), and to having no cycle.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'src');

// Room -> rooms of src/ it may import, and packages. `type:` means types only; `lazy:` by import() only.
const RULES = {
  signing: { rooms: [], packages: ['node:crypto', 'node:zlib'] },
  contract: { rooms: [], packages: ['zod', 'lossless-json', 'jsonc-parser'] },
  http: { rooms: [], packages: ['node:*'] },
  client: { rooms: ['contract', 'signing', 'http'], packages: ['node:*', 'eventsource-parser'] },
  emulator: {
    rooms: ['contract', 'signing', 'http'],
    packages: [
      'node:*',
      'better-sqlite3',
      'busboy',
      'express',
      'file-type',
      'lossless-json',
      'mammoth',
      'pdfjs-dist*',
      'strtok3',
      'undici',
      'uuid',
      'zod',
    ],
  },
  cli: {
    rooms: ['contract', 'signing', 'http', 'client', 'type:emulator', 'lazy:emulator'],
    packages: ['node:*', 'type:commander', 'lazy:commander', 'chokidar', 'uuid', 'zod', 'ink', 'react'],
  },
};
// Rules inside the emulator. `delivery` is handed what it needs: it knows neither store nor HTTP server.
const INSIDE_EMULATOR = {
  store: { not: ['gateway', 'control', 'processing', 'delivery'] },
  delivery: { not: ['gateway', 'control', 'processing', 'store'] },
  gateway: { not: ['control', 'processing', 'delivery'] },
  control: { not: ['processing', 'delivery'] },
  processing: { not: ['gateway', 'control', 'delivery'] },
};

const problems = [];
const graph = new Map();

for (const file of walk(source)) {
  const name = relative(source, file);
  const room = name.split('/')[0];
  const edges = [];
  for (const found of importsOf(file)) {
    const { specifier, kind, line } = found;
    const where = `src/${name}:${line}`;
    if (specifier.startsWith('.')) {
      const target = relative(source, resolve(dirname(file), specifier));
      if (target.startsWith('..')) {
        if (!target.endsWith('.json')) problems.push(`${where}: imports ${specifier}, outside src/`);
        continue;
      }
      const targetRoom = target.split('/')[0];
      if (kind === 'static') edges.push(join(source, target));
      if (targetRoom !== room && !allowed(RULES[room]?.rooms ?? [], targetRoom, kind)) {
        problems.push(`${where}: ${room} may not import ${targetRoom} (${kind})`);
      }
      if (room === 'emulator' && targetRoom === 'emulator') checkInside(name, target, where);
    } else if (!allowed(RULES[room]?.packages ?? [], specifier, kind)) {
      problems.push(`${where}: ${room} may not import the package ${specifier} (${kind})`);
    }
  }
  graph.set(file, edges);
}
findCycles();

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n${problems.length} import(s) against the house's rule\n`);
  process.exit(1);
}
process.stdout.write(`imports: ${graph.size} files keep to the rule, no cycle\n`);

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
      const clause = ts.isImportDeclaration(node) ? node.importClause : node;
      const named = clause && (ts.isImportDeclaration(node) ? clause.namedBindings : clause.exportClause);
      const allTypes =
        named?.elements &&
        named.elements.length > 0 &&
        !clause.name &&
        named.elements.every((one) => one.isTypeOnly);
      add(node, node.moduleSpecifier.text, clause?.isTypeOnly || allTypes ? 'type' : 'static');
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      if (ts.isStringLiteral(node.arguments[0])) add(node, node.arguments[0].text, 'lazy');
    } else if (ts.isImportTypeNode(node)) {
      add(node, node.argument.literal.text, 'type');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** A plain entry allows every kind; `type:` and `lazy:` only theirs. */
function allowed(list, name, kind) {
  return list.some((entry) => {
    const [, only, pattern] = /^(?:(type|lazy):)?(.*)$/.exec(entry);
    if (only && only !== kind) return false;
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  });
}

function checkInside(name, target, where) {
  const from = name.split('/')[1];
  const to = target.split('/')[1];
  if (INSIDE_EMULATOR[from]?.not.includes(to))
    problems.push(`${where}: emulator/${from} may not import emulator/${to}`);
  if (name.split('/').length > 2 && ['emulator/index.ts', 'emulator/start-emulator.ts'].includes(target)) {
    problems.push(`${where}: ${target} is the wiring, nobody inside imports it`);
  }
}

function findCycles() {
  const state = new Map();
  const path = [];
  const visit = (file) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      const cycle = [...path.slice(path.indexOf(file)), file].map((one) => relative(source, one));
      problems.push(`cycle: ${cycle.join(' -> ')}`);
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
