import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { OUTPUTS } from '../../src/contract/output/catalogue.ts';
import { buildJsonSchemas } from '../../src/contract/output/json-schemas.ts';

const BUILT = join(import.meta.dirname, '../../dist/schemas');
const schemas = buildJsonSchemas();

test('every output and the config file have a schema of 2020-12 with a name of its own', () => {
  expect([...schemas.keys()].sort()).toEqual(
    [
      ...OUTPUTS.map(({ name }) => `${name}.schema.json`),
      'config.schema.json',
      'scenario.schema.json',
    ].sort(),
  );
  const ids = new Set<unknown>();
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, code: { optimize: false } });
  addFormats.default(ajv);
  for (const [name, schema] of schemas) {
    // Throws where a reference leads nowhere or a keyword is unknown.
    expect(() => ajv.compile(schema), name).not.toThrow();
    expect(schema.$schema, name).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.title, name).toMatch(/\w/);
    ids.add(schema.$id);
  }
  expect(ids.size).toBe(schemas.size);
});

test('output may get further fields; the config file may not have what carvos does not know', () => {
  const status = JSON.stringify(schemas.get('status.schema.json'));
  expect(status).toContain('"required"');
  expect(status).not.toContain('"additionalProperties":false');
  expect(schemas.get('config.schema.json')).toMatchObject({ additionalProperties: false });
});

test('no number is bounded only because JavaScript is, and each URL is one of HTTP', () => {
  for (const [name, schema] of schemas) {
    expect(JSON.stringify(schema), name).not.toContain(String(Number.MAX_SAFE_INTEGER));
  }
  expect(JSON.stringify(schemas.get('config.schema.json'))).toContain('"pattern":"^https?://"');
});

test('what the build wrote is what the source says', () => {
  expect(readdirSync(BUILT).sort()).toEqual([...schemas.keys()].sort());
  for (const [name, schema] of schemas) {
    expect(JSON.parse(readFileSync(join(BUILT, name), 'utf8')), name).toEqual(
      JSON.parse(JSON.stringify(schema)),
    );
  }
});
