import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import { postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import { END, filePart, postParts } from '../../support/uploads.ts';

export const MIB = 1024 * 1024;
export const DAY = 24 * 3_600_000;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export async function start(overrides: Partial<EmulatorOptions> = {}) {
  const receiver = await startTestReceiver();
  const database = `${tempFolder()}/carvos.db`;
  const { emulator, control } = await startTestEmulator({ database, ...overrides }, receiver.url);
  const upload = async (content: Uint8Array, name = 'cv.pdf', headers: Record<string, string> = {}) => {
    const { status, json } = await postParts(emulator.url, [filePart(name, content), END], headers);
    expect(status, JSON.stringify(json)).toBe(200);
    return json.carv_file_id as string;
  };
  const settle = async (reference: string) => {
    const { trace } = await control.wait(reference, { until: 'settled', timeoutMs: 60_000 });
    return JSON.parse(trace.deliveries[0]!.body.text);
  };
  const send = (event: Record<string, unknown>, options = {}) => postWebhook(emulator.url, event, options);
  /** What the tables hold, seen from outside. */
  const rows = () => {
    const db = new Database(database, { readonly: true });
    try {
      const count = (table: string) =>
        (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
      return { files: count('upload'), chunks: count('upload_chunk') };
    } finally {
      db.close();
    }
  };
  return { emulator, control, database, receiver, upload, settle, send, rows };
}

export function problemsOf(json: { detail: { type: string; loc: string[]; msg: string }[] }) {
  return json.detail.map(({ type, loc, msg }) => ({ type, loc: loc.join('.'), msg }));
}

export const NOTHING = { files: 0, chunks: 0 };
