#!/usr/bin/env node
'use strict';
// Old syntax on purpose: this file must still run where Node is too old, to say so.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  process.stderr.write(`carvos needs Node 20.19 or later; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
var entry = require('node:path').join(__dirname, '..', 'dist', 'cli.cjs');
try {
  require(entry);
} catch (error) {
  // biome-ignore lint/complexity/useOptionalChain: old syntax, see above
  if (!error || error.code !== 'MODULE_NOT_FOUND' || require('node:fs').existsSync(entry)) throw error;
  process.stderr.write(
    `carvos is not built yet. Run \`npm run build\` in ${require('node:path').dirname(__dirname)}.\n`,
  );
  process.exitCode = 2;
}
