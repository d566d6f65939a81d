import { mkdirSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a start makes that was not there before: where it fails, that goes again. */
export interface NewFiles {
  /** Makes the folder of a file, with those above it, where they are missing. */
  makeFolder(path: string): void;
  /** Says how something goes that is new. */
  add(remove: () => void): void;
  /** Takes away all that is new, the last first. What cannot be taken away stays. */
  remove(): void;
}

export function noteNewFiles(): NewFiles {
  const added: (() => void)[] = [];
  return {
    makeFolder(path) {
      const folder = dirname(path);
      const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (first !== undefined) added.push(() => removeFolders(folder, first));
    },
    add: (remove) => added.push(remove),
    remove() {
      for (const remove of added.splice(0).reverse()) {
        try {
          remove();
        } catch {
          // Why the start failed is what counts.
        }
      }
    },
  };
}

/** From a folder up to another above it, as long as nothing is in them. */
function removeFolders(from: string, to: string): void {
  rmdirSync(from);
  if (from !== to) removeFolders(dirname(from), to);
}
