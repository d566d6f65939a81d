import * as z from 'zod';
import { ConfigSchema } from '../config.ts';
import {
  AiAttemptView,
  AssumptionUse,
  AtsView,
  ClockView,
  Delivery,
  ErrorInfo,
  JobView,
  ListedJob,
  LoggedBody,
  LogRecord,
  LogRecordDetail,
  NextAttempt,
  StatusView,
  Trace,
} from '../control.ts';
import { DiagnosisView } from '../diagnosis.ts';
import { OUTPUT_VERSION } from '../version.ts';
import { OUTPUTS, type OutputShape } from './catalogue.ts';

/** JSON Schemas, draft 2020-12, of every output and of the config file. The build writes them to dist/schemas. */

/** Shapes that occur more than once have a name in `$defs`. */
const SHARED = {
  AiAttemptView,
  AssumptionUse,
  AtsView,
  ClockView,
  Delivery,
  DiagnosisView,
  ErrorInfo,
  JobView,
  ListedJob,
  LoggedBody,
  LogRecord,
  LogRecordDetail,
  NextAttempt,
  StatusView,
  Trace,
};

type Json = Record<string, unknown>;

/** Name of the file, and what is in it. */
export function buildJsonSchemas(): Map<string, Json> {
  const shared = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(SHARED)) shared.add(schema, { id });
  const files = new Map<string, Json>();
  for (const shape of OUTPUTS) {
    const schema = z.toJSONSchema(shape.schema, { io: 'output', metadata: shared, override: toSchema });
    files.set(`${shape.name}.schema.json`, withHead(shape.name, shape.title, describeShape(shape), schema));
  }
  const config = z.toJSONSchema(ConfigSchema, { io: 'input', override: toSchema });
  files.set(
    'config.schema.json',
    withHead('config', 'carvos.config.json', 'The config file of carvos. Every field is optional.', config),
  );
  return files;
}

function withHead(name: string, title: string, description: string, schema: object): Json {
  const { $schema, id: _, $id: __, ...rest } = schema as Json;
  return { $schema, $id: `urn:carvos:schemas:${name}:${OUTPUT_VERSION}`, title, description, ...rest };
}

function describeShape({ commands, lines }: OutputShape): string {
  const list = commands.map((command) => `carvos ${command} --json`).join(', ');
  return `${list}: ${lines ? 'one object a line' : 'one document'}.`;
}

/**
 * What zod spells out beyond what we promise: output may get further fields at any time, so none but the
 * config's objects, which are strict, are closed. A number has no bound because JavaScript has one.
 */
function toSchema({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }): void {
  const { def } = zodSchema._zod;
  // Descriptions are in zod's own registry, names in ours.
  const description = z.globalRegistry.get(zodSchema)?.description;
  if (description !== undefined) jsonSchema.description = description;
  const strict = def.type === 'object' && (def.catchall as z.core.$ZodTypes)?._zod.def.type === 'never';
  if (def.type === 'object' && !strict && jsonSchema.additionalProperties === false) {
    delete jsonSchema.additionalProperties;
  }
  // Every URL here is one of HTTP; `format` alone would take others.
  if (def.type === 'string' && (def as { protocol?: unknown }).protocol) jsonSchema.pattern = '^https?://';
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
