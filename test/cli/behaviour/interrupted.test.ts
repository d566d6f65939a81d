import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { startDemoGateway } from '../../support/demo-gateway.ts';
import { startCarvos } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';

// Who stops a command that waits reads what goes on without it. Nothing is printed that scripts would take for a result.

test.each([
  [
    ['trigger', 'candidate.created'],
    'error: interrupted: the receiver has not answered yet, and the gateway goes on with the test event\n  next: carvos deliveries',
  ],
  [['trigger', 'candidate.created', '--no-test-header'], 'whether the receiver has the event is not known'],
  [['clock', 'drain'], 'the gateway goes on to move the clock\n  next: carvos clock'],
  [['clock', 'next'], 'the gateway goes on to move the clock\n  next: carvos clock'],
  [['clock', 'advance', '1m'], 'the gateway goes on to move the clock\n  next: carvos clock'],
  [['meeting', 'record', '--wait'], 'the gateway goes on with the meeting\n  next: carvos deliveries'],
])('carvos %j', async (args, left) => {
  const { promise: held, resolve: release } = withResolvers();
  const gateway = await startDemoGateway((_one, index) => (index === 0 ? 500 : held.then(() => 200)));
  await gateway.deliver();
  const program = startCarvos([...args, '--json'], { cwd: gateway.cwd });
  await gateway.receiver.waitFor(2);
  program.kill('SIGINT');
  const { code, stdout, stderr } = await program.ended;
  release();
  expect([code, stdout, stderr]).toEqual([130, '', expect.stringContaining(left)]);
});

test.each([['reset'], ['snapshot', 'restore', 'a.db']])('carvos %s', async (...words) => {
  const { promise: held } = withResolvers<number>();
  const gateway = await startTestReceiver(() => held);
  const other = await startDemoGateway();
  writeFileSync(join(other.cwd, 'a.db'), 'SQLite format 3');
  const program = startCarvos([...words, '--yes'], {
    cwd: other.cwd,
    env: { CARVOS_URL: new URL(gateway.url).origin, CARVOS_CONTROL_TOKEN: 'a-token' },
  });
  await gateway.waitFor(1);
  program.kill('SIGINT');
  const { code, stdout, stderr } = await program.ended;
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toMatch(/^error: interrupted: .* or not\n {2}next: carvos status shows it\n$/);
});
