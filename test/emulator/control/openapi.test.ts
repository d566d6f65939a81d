import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { CONTROL_PREFIX } from '../../../src/contract/control.ts';
import { ERRORS } from '../../../src/contract/errors.ts';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from '../../../src/contract/event-names.ts';
import { listAppRoutes } from '../../support/app-routes.ts';
import { startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

interface Operation {
  operationId: string;
  responses: Record<string, { content?: { 'application/json'?: { examples?: Record<string, unknown> } } }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  webhooks?: Record<string, unknown>;
  components: { schemas: Record<string, unknown> };
}

/** Both documents as a running gateway serves them. */
async function fetchDocuments() {
  const { emulator } = await startTestEmulator();
  const read = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${emulator.url}${path}`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    return (await response.json()) as Document;
  };
  return {
    emulator,
    gateway: await read('/openapi.json'),
    control: await read(`${CONTROL_PREFIX}/openapi.json`, {
      Authorization: `Bearer ${emulator.controlToken}`,
    }),
  };
}

const routesOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

test('the documented calls are the routes that there are, no more and no fewer', async () => {
  const { gateway, control } = await fetchDocuments();
  const routes = listAppRoutes();
  for (const [api, document] of [
    ['gateway', gateway],
    ['control', control],
  ] as const) {
    const real = routes.filter((one) => one.api === api).map(({ method, path }) => `${method} ${path}`);
    expect(real.length).toBeGreaterThan(10);
    expect(routesOf(document).sort()).toEqual(real.sort());
  }
});

test('every error of the catalogue is documented with its status and wording', async () => {
  const { gateway, control } = await fetchDocuments();
  const documented = new Map<string, { status: string; value: unknown }>();
  for (const document of [gateway, control]) {
    for (const operation of Object.values(document.paths).flatMap((one) => Object.values(one))) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const [code, example] of Object.entries(content?.['application/json']?.examples ?? {})) {
          documented.set(code, { status, value: (example as { value: unknown }).value });
        }
      }
    }
  }
  for (const [code, { status, message }] of Object.entries(ERRORS)) {
    expect(documented.get(code)?.status, `${code} is in no document`).toBe(String(status));
    if (code !== 'validation') expect(documented.get(code)!.value).toEqual({ detail: message });
  }
  expect([...documented.keys()].sort()).toEqual(Object.keys(ERRORS).sort());
});

test('every event is there: incoming ones told apart by their name, outgoing ones as webhooks', async () => {
  const { gateway } = await fetchDocuments();
  const union = gateway.components.schemas.IncomingEvent as {
    oneOf: unknown[];
    discriminator: { propertyName: string; mapping: Record<string, string> };
  };
  expect(union.discriminator.propertyName).toBe('event');
  expect(Object.keys(union.discriminator.mapping)).toEqual([...INCOMING_EVENTS]);
  for (const target of Object.values(union.discriminator.mapping)) {
    expect(gateway.components.schemas).toHaveProperty(target.split('/').at(-1)!);
  }
  expect(Object.keys(gateway.webhooks!)).toEqual([...OUTGOING_EVENTS]);
});

test('the control document needs the token, the other one nothing', async () => {
  const { emulator } = await fetchDocuments();
  expect((await fetch(`${emulator.url}${CONTROL_PREFIX}/openapi.json`)).status).toBe(401);
});

describe.each(['gateway', 'control'] as const)('the %s document', (which) => {
  test('is valid OpenAPI 3.1', async () => {
    const document = (await fetchDocuments())[which];
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document) as never);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  test('passes the lint, its examples included', async () => {
    const document = (await fetchDocuments())[which];
    const config = await createConfig({
      extends: ['recommended'],
      rules: {
        'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
        'operation-operationId-unique': 'error',
        // Health and the document itself cannot be refused.
        'operation-4xx-response': 'off',
        // `/deliveries/lookup` is posted, `/deliveries/{id}` is read.
        'no-ambiguous-paths': 'off',
      },
    });
    const problems = await lintFromString({
      source: JSON.stringify(document),
      absoluteRef: `/${which}.json`,
      config,
    });
    expect(
      problems.map((one) => `${one.severity} ${one.ruleId} ${one.location[0]?.pointer}: ${one.message}`),
    ).toEqual([]);
  });
});

test('each document makes a client that compiles', async () => {
  const documents = await fetchDocuments();
  const folder = tempFolder();
  const files = await Promise.all(
    (['gateway', 'control'] as const).map(async (which) => {
      const document = documents[which];
      const source = astToString(await openapiTS(document as never));
      expect(source.length).toBeGreaterThan(1000);
      for (const operation of Object.values(document.paths).flatMap((one) => Object.values(one)))
        expect(source).toContain(`"${operation.operationId}"`);
      const file = join(folder, `${which}.ts`);
      writeFileSync(file, `${source}\n${which === 'gateway' ? USE : ''}`);
      return file;
    }),
  );
  const options = { strict: true, noEmit: true, types: [], skipLibCheck: true, lib: ['lib.es2022.d.ts'] };
  const program = ts.createProgram(files, options);
  const problems = ts.getPreEmitDiagnostics(program);
  expect(problems.map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n'))).toEqual([]);
});

/** What a user of the generated types writes. */
const USE = `
const body: components['schemas']['IncomingEvent'] = {
  event: 'candidate.created', event_id: 'e', client_id: 'c', user_id: 'u',
  candidate_id: '1', first_name: 'a', last_name: 'b', email: 'a@b.nl', skills: ['VCA'],
};
const answer: operations['createCandidate']['responses'][202]['content']['application/json'] = { reference_id: 'r' };
// @ts-expect-error an unknown event is refused
const wrong: components['schemas']['IncomingEvent']['event'] = 'candidate.hired';
`;
