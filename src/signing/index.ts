export type { HeaderProblem, ParsedHeader } from './header.ts';
export {
  formatSignatureHeader,
  MAX_HEADER_LENGTH,
  parseSignatureHeader,
  SIGNATURE_HEADER,
} from './header.ts';
export type { SignOptions } from './sign.ts';
export { computeSignature, sign } from './sign.ts';
export type { VerifyFailure, VerifyOptions, VerifyResult } from './verify.ts';
export { DEFAULT_TOLERANCE, verify } from './verify.ts';
