import { expect, test } from 'vitest';
import { maskPath, maskUrl } from '../../src/contract/mask-url.ts';

test.each([
  [
    'https://u:p@h.example/a?key=v&flag&x=1=2#f',
    'https://hidden:hidden@h.example/a?key=hidden&hidden&x=hidden#hidden',
  ],
  ['http://127.0.0.1:3000/webhooks', 'http://127.0.0.1:3000/webhooks'],
  ['//u:p@h/a?k=v', '//hidden@h/a?hidden'],
])('%s is shown as %s', (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});

test.each([
  ['/hook', '/hook'],
  ['//h/../me@a/100%', '//h/../me@a/100%'],
  ['/hook?token=v&flag#f', '/hook?token=hidden&hidden#hidden'],
  ['http://u:p@h.example/a?key=v', 'http://hidden:hidden@h.example/a?key=hidden'],
])('the path %s is shown as %s', (path, shown) => {
  expect(maskPath(path)).toBe(shown);
});
