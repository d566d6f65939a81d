import { expect, test } from 'vitest';
import { whyElsewhere } from '../../../src/cli/connect/guard-target.ts';

const URL_OF = (host: string) => new URL(`http://${host}:3000/`);

test.each([
  ['127.0.0.1', null],
  ['10.1.2.3', null],
  ['[::1]', null],
  ['receiver.localhost', null],
  ['203.0.113.7', 'is neither loopback nor a private address'],
])('%s', async (host, why) => {
  expect(await whyElsewhere(URL_OF(host))).toBe(why);
});

test('a name says how it was resolved', async () => {
  const ask = (error: Error | null, ...addresses: string[]) =>
    whyElsewhere(URL_OF('receiver.test'), (_name, _options, done) =>
      done(
        error as NodeJS.ErrnoException,
        addresses.map((address) => ({ address, family: 4 })),
      ),
    );
  expect(await ask(null, '192.168.1.2')).toBeNull();
  expect(await ask(null, '192.168.1.2', '203.0.113.7')).toBe('is neither loopback nor a private address');
  expect(await ask(new Error('it has no address'))).toBe('counts as elsewhere: it has no address');
});

test('a name that is not resolved in time is not said to be public', async () => {
  expect(await whyElsewhere(URL_OF('receiver.test'), () => {})).toBe(
    'counts as elsewhere: the name was not resolved within 2 s',
  );
});
