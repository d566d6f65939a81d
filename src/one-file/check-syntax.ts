import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as vm from 'node:vm';

// Does what `node --check FILE` does: a mistake ends the process, and Node prints the line. A CommonJS file reads as a
// module too, as far as its syntax goes. `@types/node` has the class, Node only with --experimental-vm-modules.
const file = process.argv[3]!;
new vm.SourceTextModule(readFileSync(file, 'utf8'), { identifier: pathToFileURL(file).href });
