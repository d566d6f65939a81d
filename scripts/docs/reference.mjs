// Blocks of docs/reference that are longer than one table.
import { table } from './tables.mjs';

export function renderReference({ helps, buildJsonSchemas, controlDocument, ENVIRONMENT }) {
  return {
    'commands-help': helps.map(renderHelp).join('\n\n'),
    config: renderConfig(buildJsonSchemas().get('config.schema.json')),
    'control-api': renderControl(controlDocument()),
    environment: table(
      ['variable', 'read by', 'what it says'],
      ENVIRONMENT.map(({ name, readBy, what }) => [`\`${name}\``, readBy, what]),
    ),
  };
}

/** Without the line that every help has: the page says it once. */
function renderHelp([words, text]) {
  return `## ${words}\n\n\`\`\`text\n${text.replace(/^On every command: .*\n/m, '')}\n\`\`\``;
}

/** Every key of the config file, with the keys inside lists and objects. */
function renderConfig(schema) {
  const rows = [];
  const visit = (node, path) => {
    const one = resolve(schema, node);
    for (const part of one.anyOf ?? one.oneOf ?? [one]) {
      const inner = resolve(schema, part);
      if (inner.items) visit(inner.items, `${path}[]`);
      for (const [key, value] of Object.entries(inner.properties ?? {})) {
        if (key === '$schema') continue;
        const field = resolve(schema, value);
        const name = path === '' ? key : `${path}.${key}`;
        const row = [
          `\`${name}\``,
          typeOf(schema, field),
          field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
          (inner.required ?? []).includes(key) ? 'yes' : '',
          value.description ?? field.description ?? '',
        ];
        if (!rows.some(([known]) => known === row[0])) rows.push(row);
        visit(value, name);
      }
    }
  };
  visit(schema, '');
  return table(['key', 'type', 'default', 'required', 'what it is'], rows);
}

function resolve(schema, node) {
  if (!node?.$ref) return node ?? {};
  return resolve(
    schema,
    node.$ref
      .slice(2)
      .split('/')
      .reduce((at, part) => at[part], schema),
  );
}

function typeOf(schema, node) {
  if (node.enum) return node.enum.map((one) => `\`${JSON.stringify(one)}\``).join(', ');
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  const parts = node.anyOf ?? node.oneOf;
  if (parts) return [...new Set(parts.map((part) => typeOf(schema, resolve(schema, part))))].join(' or ');
  if (node.type === 'array') return `list of ${typeOf(schema, resolve(schema, node.items))}`;
  return Array.isArray(node.type) ? node.type.join(' or ') : (node.type ?? 'any');
}

/** Refusals that the guard and the store may give to any call with the token; the page says them once. */
const OF_EVERY_CALL = ['401', '403', '500', '503'];
const isGuarded = ({ security }) => security.some((scheme) => 'ControlToken' in scheme);

/** Each call by its tag. */
function renderControl(document) {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => ({ path, method, call })),
  );
  return document.tags
    .map(({ name, description }) => {
      const rows = calls
        .filter(({ call }) => call.tags[0] === name)
        .map(({ path, method, call }) => [
          `\`${method.toUpperCase()} ${path}\``,
          call.summary,
          schemaOf(call.requestBody),
          Object.entries(call.responses)
            .filter(([status]) => status.startsWith('2'))
            .map(([status, answer]) => `${status} ${schemaOf(answer)}`.trim())
            .join(', '),
          Object.keys(call.responses)
            .filter(
              (status) => !status.startsWith('2') && !(isGuarded(call) && OF_EVERY_CALL.includes(status)),
            )
            .join(', '),
        ]);
      const body = table(['call', 'what it does', 'body', 'answer', 'refusals'], rows);
      return `## ${name}\n\n${description}\n\n${body}`;
    })
    .join('\n\n');
}

function schemaOf(part) {
  const ref = Object.values(part?.content ?? {})[0]?.schema?.$ref;
  return ref ? `\`${ref.split('/').at(-1)}\`` : '';
}
