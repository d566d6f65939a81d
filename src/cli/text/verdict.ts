import { isVerifyFailure } from './verify-reasons.ts';

export function describeVerdict(verdict: string): string {
  if (verdict === 'valid') return 'verifies with the configured secret';
  if (verdict === 'unchecked') return 'not checked: the configuration has no secret for it';
  if (verdict === 'unsigned') return 'there is no signature';
  if (verdict === 'stale' || verdict === 'future') {
    return `made with the configured secret, but ${verdict === 'stale' ? 'too old' : 'ahead of the clock'} when it was sent`;
  }
  return isVerifyFailure(verdict) ? `does not verify with the configured secret: ${verdict}` : verdict;
}
