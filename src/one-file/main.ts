import { runInThisContext } from 'node:vm';
import { PART_FLAG, type Part } from '../files/own-parts.ts';

/** The entry of the one-file program: carvos, or a process of its own that carvos starts. */
const PARTS: Record<Part, () => Promise<unknown>> = {
  'name-lookup': async () => runInThisContext((await import('../transport/name-lookup.ts')).NAME_LOOKUP),
  'snapshot-reader': () => import('../emulator/snapshot/reader-process.ts'),
  'check-syntax': () => import('./check-syntax.ts'),
};

const first = process.argv[2] ?? '';
const part = first.startsWith(PART_FLAG) ? (first.slice(PART_FLAG.length) as Part) : null;
if (part !== null && Object.hasOwn(PARTS, part)) void PARTS[part]();
else void import('../cli/main.ts');
