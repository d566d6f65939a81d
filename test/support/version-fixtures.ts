import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogRecord } from '../../src/contract/control.ts';
import { tempFolder } from './folder.ts';

const folder = join(import.meta.dirname, '../../fixtures/versions');
const preload = join(import.meta.dirname, 'shift-date.cjs');

/** What scripts/make-version-fixture.mjs wrote down beside the files. */
export interface Expected {
  carvos: string;
  made_at: string;
  gateway_id: string;
  events: number;
  jobs: { done: number; failed: number };
  relied_on: number;
  workspaces: { client_id: string; members: string[] }[];
  ats_name: string;
  faults: { id: string; kind: string }[];
  exhausted: string;
  pending: string;
  interrupted: string;
  unused_file: string;
  repeated: { body: string; reference_id: string };
  application: Record<string, unknown>;
  /** Newest first. */
  log: Pick<LogRecord, 'id' | 'direction' | 'number' | 'outcome' | 'event_id' | 'occurred_at'>[];
}

/** The versions of carvos that left files behind. */
export function listVersions(): string[] {
  return readdirSync(folder).filter((name) => /^\d/.test(name));
}

export function readExpected(version: string): Expected {
  return JSON.parse(readFileSync(join(folder, version, 'expected.json'), 'utf8'));
}

/** The JSON Schemas of its outputs, by name. */
export function readOldSchemas(version: string): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(join(folder, version, 'schemas.json'), 'utf8'));
}

export function readOldConfig(version: string): string {
  return readFileSync(join(folder, version, 'config.json'), 'utf8');
}

/** A copy of one of its files, in a folder of its own: what is committed stays as it is. */
export function copyOf(version: string, name: 'carvos.db' | 'snapshot.db'): string {
  const file = join(tempFolder(), name);
  copyFileSync(join(folder, version, name), file);
  return file;
}

/**
 * Environment in which a program's clock stands shortly after the fixture was made: the log's seven days
 * have not passed. `laterMs` adds to it.
 */
export function atTimeOf(expected: Expected, laterMs = 0): Record<string, string> {
  const shift = Date.parse(expected.made_at) + 5000 + laterMs - Date.now();
  return { NODE_OPTIONS: `--require "${preload}"`, SHIFT_DATE_MS: String(shift) };
}
