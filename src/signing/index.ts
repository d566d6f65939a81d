export { FINDINGS, type FindingCode } from './diagnose/catalogue.ts';
export { DEFAULT_BUDGET, diagnose, diagnoseInSteps } from './diagnose/diagnose.ts';
export { FRAMEWORK_LABELS, FRAMEWORKS, type Framework } from './diagnose/frameworks.ts';
export type { DiagnoseOptions, Diagnosis, DiagnosisSecret, Finding } from './diagnose/types.ts';
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
