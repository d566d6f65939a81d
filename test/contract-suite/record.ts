import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';

/** What was sent and got, as HAR 1.2: `--record`. Keys are masked; signatures tell nothing without their secret. */
export function createRecord(folder: string | undefined) {
  const entries: unknown[] = [];
  const pairs = (headers: Record<string, unknown>) =>
    Object.entries(headers).map(([name, value]) => ({
      name,
      value: /key/i.test(name) && !/idempotency/i.test(name) ? '[masked]' : String(value),
    }));
  return {
    add(
      request: { method: string; url: string; headers: Record<string, unknown>; body: string | null },
      response: { status: number; headers: Record<string, unknown>; body: string },
    ): void {
      if (folder === undefined) return;
      const { method, url, body } = request;
      const mimeType = 'application/json';
      entries.push({
        startedDateTime: new Date().toISOString(),
        time: 0,
        request: {
          method,
          url,
          httpVersion: 'HTTP/1.1',
          headers: pairs(request.headers),
          ...(body === null ? {} : { postData: { mimeType, text: body } }),
        },
        response: {
          status: response.status,
          headers: pairs(response.headers),
          content: { mimeType, text: response.body },
        },
      });
    },
    write(): void {
      if (folder === undefined) return;
      mkdirSync(folder, { recursive: true });
      const name = basename(expect.getState().testPath ?? 'suite').replace(/\..*/, '');
      const log = {
        version: '1.2',
        creator: { name: 'the contract suite of carvos', version: '1' },
        entries,
      };
      writeFileSync(join(folder, `${name}.har`), JSON.stringify({ log }, null, 1));
    },
  };
}
