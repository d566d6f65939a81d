import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { OUTPUTS, type OutputShape } from '../../src/contract/output/catalogue.ts';

type Json = Record<string, unknown>;

// By its name, as a user's program finds it: `exports` of package.json has to let it through.
const { resolve } = createRequire(import.meta.url);
const compiled = new Map<string, { shipped: ValidateFunction; closed: ValidateFunction }>();

/** A schema as the build wrote it. */
export function readSchema(name: string): Json {
  return JSON.parse(readFileSync(resolve(`carvos/schemas/${name}.schema.json`), 'utf8'));
}

/**
 * What is wrong with a value. Judged by a validator that knows nothing of zod: first by the schema that ships,
 * then by the same one without room for fields that it does not name.
 */
export function problemsOf(name: string, value: unknown): string[] {
  let pair = compiled.get(name);
  if (pair === undefined) {
    const schema = readSchema(name);
    pair = { shipped: compile(schema), closed: compile(closeObjects(schema) as Json) };
    compiled.set(name, pair);
  }
  for (const [which, validate] of Object.entries(pair)) {
    if (validate(value)) continue;
    return validate.errors!.map(
      ({ instancePath, message, params }) =>
        `${name} (${which}) ${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  }
  return [];
}

/** Whether the schema as it ships takes a value. */
export function isTaken(name: string, value: unknown): boolean {
  return compile(readSchema(name))(value) as boolean;
}

/** The shape that a call of a command prints: the one that names most of the flags given. */
export function shapeOf(command: string, args: readonly string[]): OutputShape | undefined {
  const fits = OUTPUTS.flatMap((shape) =>
    shape.commands.map((text) => {
      const words = text.split(' ');
      const flags = words.filter((word) => word.startsWith('--'));
      return { shape, flags, name: words.filter((word) => !word.startsWith('--')).join(' ') };
    }),
  ).filter(({ name, flags }) => name === command && flags.every((flag) => args.includes(flag)));
  return fits.sort((a, b) => b.flags.length - a.flags.length)[0]?.shape;
}

function compile(schema: Json): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

/** The same schema, in which an object has no other fields than those it names. */
function closeObjects(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closeObjects);
  if (typeof schema !== 'object' || schema === null) return schema;
  const closed: Json = {};
  for (const [key, value] of Object.entries(schema as Json)) {
    const named = key === 'properties' || key === '$defs';
    closed[key] = named
      ? Object.fromEntries(Object.entries(value as Json).map(([name, one]) => [name, closeObjects(one)]))
      : closeObjects(value);
  }
  if ('properties' in closed && !('additionalProperties' in closed)) closed.additionalProperties = false;
  return closed;
}
