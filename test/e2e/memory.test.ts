import { expect, test } from 'vitest';
import { type Badness, startBadReceiver } from '../support/bad-receivers.ts';
import { candidateCreated, postWebhook, startDevAlone } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { residentBytes } from '../support/resident-bytes.ts';

const MIB = 1024 * 1024;

for (const kind of ['gigabyte', 'drips', 'hangs'] as Badness[]) {
  test.skipIf(process.platform !== 'linux')(
    `a receiver that answers badly (${kind}) does not fill memory`,
    async () => {
      const bad = await startBadReceiver(kind);
      const cwd = tempFolder();
      const dev = await startDevAlone(cwd, [
        '--webhook-url',
        bad.url,
        '--speed',
        'max',
        '--receiver-timeout',
        '1s',
      ]);
      for (let i = 0; i < 10; i++)
        expect((await postWebhook(dev, candidateCreated(`warm-${i}`))).status).toBe(202);
      const attempts = async () => {
        const answer = await fetch(`${dev.url}/_carvos/v1/log?direction=outgoing&limit=1000`, {
          headers: { authorization: `Bearer ${dev.token}` },
        });
        return ((await answer.json()) as { items: unknown[] }).items.length;
      };
      await expect.poll(attempts).toBeGreaterThanOrEqual(10);
      const before = residentBytes(dev.program.pid);
      for (let i = 0; i < 30; i++)
        expect((await postWebhook(dev, candidateCreated(`more-${i}`))).status).toBe(202);
      let most = 0;
      await expect
        .poll(
          async () => {
            most = Math.max(most, residentBytes(dev.program.pid));
            return await attempts();
          },
          { timeout: 60_000, interval: 50 },
        )
        .toBeGreaterThanOrEqual(110);
      // A hundred answers of a gigabyte each, cut off and kept to 64 KiB. The bound is generous: what is
      // tested is that answers are not collected.
      expect((most - before) / MIB).toBeLessThan(200);
      expect(await dev.program.end('SIGINT', 60_000)).toEqual({ code: 0, signal: null });
    },
    180_000,
  );
}
