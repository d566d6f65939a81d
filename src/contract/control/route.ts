import type * as z from 'zod';
import type { GatewayErrorCode } from '../errors.ts';

/** One schema, under the name that it has in the OpenAPI document. */
export type NamedSchema = Readonly<Record<string, z.ZodType>>;

/** What one call of the control API takes and answers. Its method and path are in `calls.ts`. */
export interface Route {
  tag: 'status' | 'log' | 'replay' | 'clock' | 'portal' | 'jobs' | 'faults' | 'content';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  /** Headers that it reads, as OpenAPI parameters. */
  headers?: readonly Readonly<Record<string, unknown>>[];
  /** Its JSON body. */
  request?: NamedSchema;
  /** It can do without its body. */
  bodyOptional?: true;
  /** A body to try it with. */
  example?: unknown;
  /** Where its body is not JSON: media type and form, as in OpenAPI. */
  requestContent?: Readonly<Record<string, unknown>>;
  /** 200 where nothing else is said. */
  status?: 201 | 202;
  /** Its JSON answer, which begins with the version. */
  answer?: NamedSchema;
  /** Where its answer is none of these: media type and form, as in OpenAPI. */
  answerContent?: Readonly<Record<string, unknown>>;
  /** Its own refusals, besides those of every call. */
  errors?: readonly GatewayErrorCode[];
}
