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
  var env = process.env;
  if (!enable || env.NODE_COMPILE_CACHE) return;
  var path = require('node:path');
  var home = homeFolder();
  var places = { darwin: [home, 'Library', 'Caches'], win32: [env.LOCALAPPDATA || home] };
  // A relative path is to be ignored: XDG Base Directory Specification.
  var xdg = path.isAbsolute(env.XDG_CACHE_HOME || '') && env.XDG_CACHE_HOME;
  var caches = xdg ? [xdg] : places[process.platform] || [home, '.cache'];
  var folder = path.join.apply(null, caches.concat('carvos', 'compiled'));
  // Without a home it would be in whatever folder the user is.
  if (path.isAbsolute(folder)) enable(folder);
}

/** Empty where there is none: HOME is empty, or not set and the system does not know the user, as in some containers. */
function homeFolder() {
  try {
    return require('node:os').homedir();
  } catch (_error) {
    return '';
  }
}
