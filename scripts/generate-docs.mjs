// Fills the generated and included blocks of every document, and writes docs/fidelity.md, from the catalogues in src.
// `--check` only says whether they are up to date. `--root FOLDER` does it for the documents of another folder.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importCatalogues } from './docs/catalogues.mjs';
import { renderFidelity } from './docs/fidelity.mjs';
import { fillBlocks } from './docs/fill.mjs';
import { listDocuments } from './docs/list-documents.mjs';
import { renderReference } from './docs/reference.mjs';
import { renderRooms } from './docs/rooms.mjs';
import { renderTables } from './docs/tables.mjs';

const project = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { check: { type: 'boolean' }, root: { type: 'string' } } });
const root = resolve(values.root ?? project);

const catalogues = await importCatalogues();
const blocks = { ...renderTables(catalogues), ...renderReference(catalogues), rooms: renderRooms() };
const used = new Set();
for (const name of listDocuments(root)) {
  const present = readFileSync(join(root, name), 'utf8');
  const text =
    name === 'docs/fidelity.md'
      ? renderFidelity(catalogues)
      : fillBlocks(present, { root: project, blocks, used });
  settle(name, present, text);
}
const left = Object.keys(blocks).filter((name) => !used.has(name));
if (left.length > 0) throw new Error(`no document has a place for: ${left.join(', ')}`);

/** Writes a document, or says that it is not what it should be. */
function settle(name, present, text) {
  if (present === text) return;
  if (!values.check) {
    writeFileSync(join(root, name), text);
    console.log(`wrote ${name}`);
    return;
  }
  console.error(`${name} is out of date. Run: npm run docs`);
  process.exitCode = 1;
}
