export { FINDINGS, type FindingCode } from './diagnose/catalogue.ts';
export { DEFAULT_BUDGET, diagnose, diagnoseInSteps } from './diagnose/diagnose.ts';
export { FRAMEWORK_LABELS, FRAMEWORKS, type Framework } from './diagnose/framework-labels.ts';
export type { DiagnoseOptions, Diagnosis, DiagnosisSecret, Finding } from './diagnose/types.ts';
export {
  formatSignatureHeader,
  type HeaderProblem,
  MAX_HEADER_LENGTH,
  type ParsedHeader,
  parseSignatureHeader,
  SIGNATURE_HEADER,
} from './header.ts';
export { computeSignature, type SignOptions, sign } from './sign.ts';
export type { VerifyFailure, VerifyOptions, VerifyResult } from './verify.ts';
export { DEFAULT_TOLERANCE, verify } from './verify.ts';
