import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDev } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli } from '../support/program.ts';
import { serveHttp } from '../support/receiver.ts';
import { ROOT } from './page-lines.ts';

// Beside a `dev` at its usual speed, at which five attempts take minutes.
test.each(['AGENTS.md', 'skills/carvos/SKILL.md'])(
  'the loop of %s ends with 1 at a receiver that refuses',
  async (page) => {
    const [, line] = /`(?:npx )?carvos (send candidate\.created [^`]+)`/.exec(
      readFileSync(join(ROOT, page), 'utf8'),
    )!;
    const receiver = await serveHttp((_request, response) => response.writeHead(401).end('no'));
    const cwd = tempFolder();
    await startDev(cwd, ['--webhook-url', receiver.url]);
    const { code, stdout } = await runCli(line!.split(' '), { cwd });
    const { deliveries } = JSON.parse(stdout) as { deliveries: { why: string }[] };
    expect([code, deliveries[0]!.why]).toEqual([1, expect.stringContaining('401')]);
  },
);
