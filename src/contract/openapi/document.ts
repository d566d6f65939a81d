import * as z from 'zod';
import type { AssumptionId } from '../assumptions.ts';
import { wireDirection } from '../control/direction.ts';
import { LogDirection } from '../control/log.ts';
import { ERRORS, type GatewayErrorCode } from '../errors.ts';
import { VERSION } from '../version.ts';

/** OpenAPI 3.1 from a table of operations. Whoever adds a route adds a row: a test compares both. */

export type Json = Record<string, unknown>;
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What one call answers when it goes well. */
export interface Answer {
  status: number;
  description: string;
  /** Name of a component schema; a body of another type is given as `content`. */
  schema?: string;
  example?: unknown;
  content?: Json;
}

export interface Operation {
  method: Method;
  /** With `{name}` where the router has `:name`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  /** Names of security schemes, all of which are needed; none when empty. */
  security: string[];
  /** Parameters besides those in the path. */
  parameters?: Json[];
  request?: { schema?: string; example?: unknown; examples?: Json; content?: Json; required?: boolean };
  answer: Answer;
  errors: GatewayErrorCode[];
  /** What of this is an assumption. */
  assumes?: AssumptionId[];
}

export interface DocumentParts {
  title: string;
  description: string;
  tags: Record<string, string>;
  schemas: Json;
  securitySchemes: Json;
  operations: readonly Operation[];
  servers: { url: string; description: string }[];
  webhooks?: Json;
}

/** The document, ready to be served. */
export function buildDocument(parts: DocumentParts): Json {
  const paths: Record<string, Json> = {};
  for (const operation of parts.operations) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = describeOperation(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: parts.title,
      version: VERSION,
      description: parts.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: parts.servers,
    tags: Object.entries(parts.tags).map(([name, description]) => ({ name, description })),
    paths,
    ...(parts.webhooks ? { webhooks: parts.webhooks } : {}),
    components: { securitySchemes: parts.securitySchemes, schemas: { ...parts.schemas, ...ERROR_SCHEMAS } },
  };
}

/**
 * Component schemas from zod, which refer to one another by `$ref`. What JSON Schema cannot say
 * (the exact rule for an e-mail address, lone surrogates) is left out: the gateway is a little stricter.
 */
export function componentSchemas(named: Record<string, z.ZodType>, io: 'input' | 'output' = 'input'): Json {
  const registry = z.registry<{ id?: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
    override: simplify,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _dialect, $id: _id, id: _name, ...rest } = schema as Json;
      return [id, rest];
    }),
  );
}

/** What zod spells out and a reader, or a generator of clients, is better off without. */
function simplify({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }): void {
  const { def } = zodSchema._zod;
  // A list whose length is checked before its entries: the entries' type is in the second step.
  if (def.type === 'pipe' && (def.out as z.core.$ZodTypes)._zod.def.type === 'array') {
    jsonSchema.items = (z.toJSONSchema(def.out, { io: 'input', unrepresentable: 'any' }) as Json).items;
  }
  if (zodSchema === LogDirection) jsonSchema.enum = LogDirection.options.map(wireDirection);
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** A query's fields as parameters. */
export function queryParameters(schema: z.ZodObject): Json[] {
  const { properties, required } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: simplify,
  }) as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: 'query',
    required: required?.includes(name) ?? false,
    schema: one,
  }));
}

/** A union whose members are told apart by one field. */
export function unionBy(propertyName: string, schemaOf: Record<string, string>): Json {
  const mapping = Object.fromEntries(
    Object.entries(schemaOf).map(([event, name]) => [event, `#/components/schemas/${name}`]),
  );
  return {
    oneOf: Object.values(schemaOf).map(ref),
    discriminator: { propertyName, mapping },
  };
}

/** `candidate.created` as `CandidateCreated`. */
export function pascal(event: string): string {
  return event.replace(/(?:^|[._])([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

const ERROR_SCHEMAS: Json = {
  Refusal: {
    type: 'object',
    description: 'Why a request was refused, for people.',
    required: ['detail'],
    properties: { detail: { type: 'string' } },
  },
  Problem: {
    type: 'object',
    required: ['type', 'loc', 'msg', 'input'],
    properties: {
      type: { type: 'string', description: 'The kind of problem.' },
      loc: {
        type: 'array',
        description: 'Where: `body`, `header` or `query`, then keys and zero-based indexes.',
        items: { type: ['string', 'integer'] },
      },
      msg: { type: 'string' },
      input: { description: 'What was found there, shortened where it is large.' },
    },
  },
  Invalid: {
    type: 'object',
    description: 'Every problem of a request that is not valid.',
    required: ['detail'],
    properties: { detail: { type: 'array', items: ref('Problem') } },
  },
};

const INVALID_EXAMPLE = {
  detail: [{ type: 'missing', loc: ['body', 'email'], msg: 'Field required', input: { first_name: 'Jane' } }],
};

function describeOperation(operation: Operation): Json {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
  const parameters = [...inPath, ...(operation.parameters ?? [])];
  const { request, answer } = operation;
  return {
    operationId: operation.operationId,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    security: [Object.fromEntries(operation.security.map((name) => [name, []]))],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(request
      ? { requestBody: { required: request.required ?? true, content: request.content ?? json(request) } }
      : {}),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.content ? { content: answer.content } : answer.schema ? { content: json(answer) } : {}),
      },
      ...describeErrors(operation.errors),
    },
    ...(operation.assumes ? { 'x-carvos-assumptions': operation.assumes } : {}),
  };
}

function json(body: { schema?: string; example?: unknown; examples?: Json }): Json {
  return {
    'application/json': {
      schema: ref(body.schema!),
      ...(body.example === undefined ? {} : { example: body.example }),
      ...(body.examples === undefined ? {} : { examples: body.examples }),
    },
  };
}

/** One answer per status; each refusal that it may mean is an example, named by its code. */
function describeErrors(codes: readonly GatewayErrorCode[]): Json {
  const responses: Json = {};
  for (const status of [...new Set(codes.map((code) => ERRORS[code].status))].sort()) {
    const ofStatus = codes.filter((code) => ERRORS[code].status === status);
    const schemas = new Set(ofStatus.map((code) => (code === 'validation' ? 'Invalid' : 'Refusal')));
    const refs = [...schemas].map(ref);
    responses[status] = {
      description: ofStatus.map((code) => ERRORS[code].message).join('; '),
      content: {
        'application/json': {
          schema: refs.length === 1 ? refs[0] : { oneOf: refs },
          examples: Object.fromEntries(ofStatus.map((code) => [code, { value: exampleOf(code) }])),
        },
      },
    };
  }
  return responses;
}

function exampleOf(code: GatewayErrorCode): unknown {
  return code === 'validation' ? INVALID_EXAMPLE : { detail: ERRORS[code].message };
}
