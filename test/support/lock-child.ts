import { rmSync, writeFileSync } from 'node:fs';
import { acquireLock } from '../../src/emulator/store/lock-file.ts';

/** Takes a lock so often, and takes its file away with it each time. Fails where somebody else has the lock then. */

const [file = '', times = ''] = process.argv.slice(2);
for (let taken = 0; taken < Number(times); ) {
  const lock = acquireLock(file);
  if (lock === null) continue;
  taken++;
  writeFileSync(`${file}.held`, '', { flag: 'wx' });
  rmSync(`${file}.held`);
  rmSync(file);
  lock.release();
}
