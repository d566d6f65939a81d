import { type ErrorShape, FIELD_NAME, type FieldType } from '../../contract/facts/facts.ts';
import { asFields, type Fields } from '../recordings/fields.ts';

/** What a JSON value is made of, without what it says: of a recorded body, or of a schema. */
export type Shape =
  | { type: 'object'; fields: Map<string, Shape>; required?: ReadonlySet<string> }
  | { type: 'list'; item: Shape | null }
  | { type: 'number'; min?: number; max?: number; whole?: boolean }
  | { type: 'text'; maxLength?: number; values?: readonly string[] }
  | { type: 'boolean' | 'null' | 'any' };

/** Deeper, nothing is compared. */
const MAX_DEPTH = 8;
const MAX_FIELDS = 500;

export function shapeOf(value: unknown, depth = 0): Shape {
  if (value === null) return { type: 'null' };
  if (typeof value === 'string') return { type: 'text' };
  if (typeof value === 'number') return { type: 'number' };
  if (typeof value === 'boolean') return { type: 'boolean' };
  if (depth >= MAX_DEPTH || typeof value !== 'object') return { type: 'any' };
  if (Array.isArray(value))
    return { type: 'list', item: value.length === 0 ? null : shapeOf(value[0], depth + 1) };
  const entries = Object.entries(value).slice(0, MAX_FIELDS);
  return { type: 'object', fields: new Map(entries.map(([name, one]) => [name, shapeOf(one, depth + 1)])) };
}

/** The shape that a schema of an OpenAPI document describes. References outside of the document are not followed. */
export function shapeOfSchema(document: Fields, given: unknown, depth = 0): Shape {
  const schema = resolve(document, given);
  if (schema === null || depth >= MAX_DEPTH) return { type: 'any' };
  const alternatives = [schema.oneOf, schema.anyOf].find(Array.isArray);
  const parts = Array.isArray(schema.allOf) ? schema.allOf : [];
  if (parts.length > 0)
    return parts.map((part) => shapeOfSchema(document, part, depth + 1)).reduce(merge, own());
  if (alternatives !== undefined) {
    const real = alternatives
      .map((one) => shapeOfSchema(document, one, depth + 1))
      .filter((one) => one.type !== 'null');
    return real[0] ?? { type: 'null' };
  }
  return own();

  function own(): Shape {
    const fields = asFields(schema!.properties);
    const types = [schema!.type].flat().filter((one) => one !== 'null');
    if (fields !== null || types[0] === 'object') {
      const entries = Object.entries(fields ?? {}).slice(0, MAX_FIELDS);
      return {
        type: 'object',
        fields: new Map(entries.map(([name, one]) => [name, shapeOfSchema(document, one, depth + 1)])),
        required: new Set(textsOf(schema!.required)),
      };
    }
    const limit = (name: string) =>
      typeof schema![name] === 'number' ? (schema![name] as number) : undefined;
    if (types[0] === 'array')
      return { type: 'list', item: shapeOfSchema(document, schema!.items, depth + 1) };
    if (types[0] === 'number' || types[0] === 'integer')
      return { type: 'number', min: limit('minimum'), max: limit('maximum'), whole: types[0] === 'integer' };
    if (types[0] === 'boolean') return { type: 'boolean' };
    const known = schema!.const !== undefined ? [schema!.const] : schema!.enum;
    if (types[0] === 'string' || typeof schema!.const === 'string')
      return {
        type: 'text',
        maxLength: limit('maxLength'),
        values: textsOf(known),
      };
    return { type: 'any' };
  }
}

/** Those of a list that are texts. */
function textsOf(list: unknown): string[] | undefined {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : undefined;
}

function merge(one: Shape, other: Shape): Shape {
  if (one.type !== 'object' || other.type !== 'object') return one.type === 'any' ? other : one;
  return {
    type: 'object',
    fields: new Map([...one.fields, ...other.fields]),
    required: new Set([...(one.required ?? []), ...(other.required ?? [])]),
  };
}

/** Follows `$ref` within the document. */
export function resolve(document: Fields, given: unknown): Fields | null {
  let current = asFields(given);
  for (let hops = 0; typeof current?.$ref === 'string'; hops++) {
    const pointer = current.$ref;
    if (hops > 20 || !pointer.startsWith('#/')) return null;
    const parts = pointer
      .slice(2)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    let found: unknown = document;
    for (const part of parts) {
      const within = asFields(found);
      found = within !== null && Object.hasOwn(within, part) ? within[part] : undefined;
    }
    current = asFields(found);
  }
  return current;
}

export function fieldOf(shape: Shape | null | undefined, ...path: string[]): Shape | null {
  let current: Shape | null = shape ?? null;
  for (const name of path) current = current?.type === 'object' ? (current.fields.get(name) ?? null) : null;
  return current;
}

export function fieldType(shape: Shape): FieldType {
  return shape.type === 'any' ? 'null' : shape.type;
}

const MESSAGE = /^(?:message|msg|detail|details|title|description|reason|error_description|text)$/i;
const CODE = /^(?:code|type|kind|slug|error_?code|error)$/i;
const PLACE = /^(?:field|path|loc|location|pointer|param|parameter|property|attribute|name)$/i;

/** A refusal's body as facts keep it: names and kinds of values, and placeholders for those that differ each time. */
export function errorShapeOf(shape: Shape, name = '', siblings: ReadonlySet<string> = new Set()): ErrorShape {
  switch (shape.type) {
    case 'object': {
      const known = [...shape.fields].filter(([one]) => FIELD_NAME.test(one));
      const names = new Set(known.map(([one]) => one));
      return Object.fromEntries(known.map(([one, inner]) => [one, errorShapeOf(inner, one, names)]));
    }
    case 'list':
      return [shape.item === null ? '$message' : errorShapeOf(shape.item, name, new Set())];
    case 'text': {
      if (PLACE.test(name)) return '$field';
      const others = [...siblings].some((one) => one !== name && MESSAGE.test(one));
      if (/^errors?$/i.test(name)) return others ? '$code' : '$message';
      return CODE.test(name) ? '$code' : MESSAGE.test(name) ? '$message' : '';
    }
    case 'number':
      return /^status/i.test(name) ? '$status' : 0;
    case 'boolean':
      return false;
    default:
      return null;
  }
}
