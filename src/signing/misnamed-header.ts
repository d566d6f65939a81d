import { SIGNATURE_HEADER } from './header.ts';

/**
 * What a request that lacks the signature's header has in its place, in words for the developer.
 *
 * @param rawHeaders names and values in turn, as they came.
 * @returns `null` where nothing looks like a signature.
 */
export function findMisnamedSignature(rawHeaders: readonly string[]): string | null {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const name = names.find((one) => {
    const plain = one.toLowerCase().replaceAll('_', '-');
    return plain !== SIGNATURE_HEADER.toLowerCase() && /sign(?:a|e)tu?r|hmac|^x-webhook-sig/.test(plain);
  });
  if (name !== undefined)
    return `there is no ${SIGNATURE_HEADER}, but there is ${name}: the name must be exactly ${SIGNATURE_HEADER}`;
  const byValue = names.find((_, index) => /^\s*t=\d+,\s*v1=/.test(rawHeaders[index * 2 + 1] ?? ''));
  if (byValue === undefined) return null;
  return `there is no ${SIGNATURE_HEADER}; what looks like one stands in ${byValue}`;
}
