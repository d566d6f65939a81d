import { expect, test } from 'vitest';
import { untilAnswer } from '../../../src/cli/exec/wait-for-receiver.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { serve } from '../../support/receiver.ts';

test('a limit that is longer than a timer takes is not over at once', async () => {
  let asked = 0;
  const { promise: ended, resolve: end } = withResolvers<number>();
  const receiver = await serve((_heard, response) => {
    response.destroy();
    if (++asked === 2) end(0);
  });
  const { how } = await untilAnswer(new URL(receiver.url), {}, { limitMs: 30 * 24 * 3_600_000, ended });
  expect(how).toBe('ended');
});
