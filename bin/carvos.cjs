#!/usr/bin/env node
'use strict';
// Old syntax on purpose: this file must still run where Node is too old, to say so.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  process.stderr.write(`carvos needs Node 20.19 or later; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
keepCompiled();
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

/**
 * From 22.8 on Node can keep what it compiled, in the user's own cache folder. It compares each file with what it kept,
 * and leaves out whatever it cannot read or write. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE go before.
 */
function keepCompiled() {
  var enable = require('node:module').enableCompileCache;
  if (!enable) return;
  var env = process.env;
  var home = require('node:os').homedir();
  var places = { darwin: [home, 'Library', 'Caches'], win32: [env.LOCALAPPDATA || home] };
  var caches = env.XDG_CACHE_HOME ? [env.XDG_CACHE_HOME] : places[process.platform] || [home, '.cache'];
  enable(env.NODE_COMPILE_CACHE || require('node:path').join(caches.join('/'), 'carvos', 'compiled'));
}
