import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { OUTPUTS, type OutputShape } from '../../src/contract/output/catalogue.ts';
import { listVersions, readOldSchemas } from './version-fixtures.ts';

type Json = Record<string, unknown>;

// By its name, as a user's program finds it: `exports` of package.json has to let it through.
const { resolve } = createRequire(import.meta.url);
const compiled = new Map<string, Map<string, ValidateFunction>>();
const kinds = new Map<string, Ajv2020>();

/** A schema as the build wrote it. */
export function readSchema(name: string): Json {
  return JSON.parse(readFileSync(resolve(`carvos/schemas/${name}.schema.json`), 'utf8'));
}

/**
 * What is wrong with a value. Judged by a validator that knows nothing of zod: by the schema that ships, by those
 * of earlier releases, and by the first without room for fields that it does not name.
 */
export function problemsOf(name: string, value: unknown): string[] {
  const validators = compiled.get(name) ?? compileAll(name);
  compiled.set(name, validators);
  for (const [which, validate] of validators) {
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
  return compile('shipped', readSchema(name))(value) as boolean;
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

function compileAll(name: string): Map<string, ValidateFunction> {
  const schema = readSchema(name);
  const validators = new Map([['shipped', compile('shipped', schema)]]);
  for (const version of listVersions()) {
    const old = readOldSchemas(version)[name];
    // Its number is in `$id`, as in `version`: where it grew, nothing was promised.
    const which = `as of ${version}`;
    if (old?.$id === schema.$id) validators.set(which, compile(which, old!));
  }
  return validators.set('closed', compile('closed', closeObjects(schema) as Json));
}

/** Schemas of one kind share what each would compile anew, above all the schema of schemas. */
function compile(kind: string, schema: Json): ValidateFunction {
  let ajv = kinds.get(kind);
  if (ajv === undefined) {
    // Shorter code takes as long to write as it would save in a thousand runs.
    const code = { optimize: false };
    ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, code });
    addFormats.default(ajv);
    kinds.set(kind, ajv);
  }
  return ajv.getSchema(schema.$id as string) ?? ajv.compile(schema);
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
