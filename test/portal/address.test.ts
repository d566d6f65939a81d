import { expect, test } from 'vitest';
import { changeAddress, readAddress, writeAddress } from '../../src/portal/address.ts';

const url = (path: string) => new URL(path, 'http://127.0.0.1:4010');

test.each([
  ['/_carvos/portal/', { place: 'deliveries', id: null, query: {} }],
  [
    '/_carvos/portal/deliveries/dlv_1%2F2?direction=outgoing&text=a%26b',
    { place: 'deliveries', id: 'dlv_1/2', query: { direction: 'outgoing', text: 'a&b' } },
  ],
  ['/_carvos/portal/trace/ref-1', { place: 'trace', id: 'ref-1', query: {} }],
  ['/_carvos/portal/nowhere', { place: 'deliveries', id: null, query: {} }],
  ['/_carvos/portal/trace/%zz', { place: 'trace', id: '%zz', query: {} }],
])('%s is read', (path, address) => {
  expect(readAddress(url(path))).toEqual(address);
});

test('what is written is read again, whatever the id holds', () => {
  const address = {
    place: 'trace' as const,
    id: '../../a b/<script>?#é',
    query: { text: '#token=x', tab: 'AI job' },
  };
  expect(readAddress(url(writeAddress(address)))).toEqual(address);
});

test('what is empty is left out; another place begins anew, the same one goes on', () => {
  const address = { place: 'deliveries' as const, id: 'dlv_1', query: { text: 'x', event: '' } };
  expect(writeAddress(address)).toBe('/_carvos/portal/deliveries/dlv_1?text=x');
  expect(changeAddress(address, { place: 'trace' })).toEqual({ place: 'trace', id: null, query: {} });
  expect(changeAddress(address, { place: 'deliveries', id: null })).toEqual({ ...address, id: null });
});
