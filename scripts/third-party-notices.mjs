// The licences of what is bundled into dist/, from what esbuild says that it put there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = /^(?:[a-z-]+:)?(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//;
const LICENCE_FILES = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/**
 * Every package of which something is in the bundles, by name and version.
 *
 * @param metafiles of esbuild.
 * @param root the folder that their paths are relative to.
 */
export function bundledPackages(metafiles, root) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = PACKAGE.exec(path)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const packages = [...folders].map((folder) => {
    const path = join(root, folder);
    const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const { name, version } = manifest;
    // `licenses` is how it was written before npm 3.
    const license = manifest.license ?? manifest.licenses?.map(({ type }) => type).join(' OR ');
    const files = readdirSync(path).filter((file) => LICENCE_FILES.test(file));
    const texts = files.sort().map((file) => readFileSync(join(path, file), 'utf8').trim());
    return { name, version, license, texts };
  });
  const unique = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What each file of dist/ has in it, for the tests: names of packages. Not published. */
export function packagesByFile(metafiles) {
  const entries = metafiles.flatMap(({ outputs }) =>
    Object.entries(outputs).map(([file, { inputs }]) => {
      const paths = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0);
      const names = paths.map((path) => PACKAGE.exec(path)?.[2]).filter((name) => name !== undefined);
      return [file, [...new Set(names)].sort()];
    }),
  );
  return Object.fromEntries(entries);
}

/** @throws Error for a package without a licence, or whose text is not to be found. */
export function renderNotices(packages) {
  const parts = packages.map(({ name, version, license, texts }) => {
    if (typeof license !== 'string') throw new Error(`${name} ${version} names no licence`);
    const found = texts.length > 0 ? texts : mitText(name, license);
    return [`${name} ${version} (${license})`, ...found].join('\n\n');
  });
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `carvos contains parts of these packages, under their licences.\n\n${packages
    .map(({ name, version, license }) => `${name} ${version} (${license})`)
    .join('\n')}${rule}${parts.join(rule)}\n`;
}

/** Packages with a licence but no file of it. Each was looked at; one that is new fails the build. */
const COPYRIGHTS = {
  isarray: 'Copyright (c) 2013 Julian Gruber <julian@juliangruber.com>',
  'yoga-layout': 'Copyright (c) Meta Platforms, Inc. and affiliates.',
};

function mitText(name, license) {
  const copyright = COPYRIGHTS[name];
  if (copyright === undefined || license !== 'MIT') {
    throw new Error(`${name} (${license}) has no licence file: look at it, and add it to COPYRIGHTS`);
  }
  return [`${copyright}\n\n${MIT}`];
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
