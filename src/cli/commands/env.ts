import type { Command } from 'commander';
import { CREDENTIAL_KINDS, type LoadOptions, requireCredentials, selectAts } from '../config/ats.ts';
import { loadValidConfig } from '../config/load.ts';
import { findGateway } from '../connect/find-gateway.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { oneOf } from '../input/flags.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { shellQuote } from '../text/curl.ts';
import { clientNotes, clientVariables } from '../tls/client-variables.ts';

const FORMATS = ['shell', 'dotenv', 'github'] as const;
type Format = (typeof FORMATS)[number];

interface Options extends LoadOptions {
  format: Format;
  url?: string;
}

export function define(command: Command, io: Io): void {
  command
    .option(
      '--format <format>',
      'shell (for eval), dotenv, or github (for $GITHUB_ENV)',
      oneOf('--format', FORMATS),
      'shell',
    )
    .option('--ats-id <id>', 'which ATS, if there are several')
    .option('--url <target>', 'the gateway (default: CARVOS_URL, or the gateway of this folder)')
    .addHelpText(
      'after',
      `
The output contains secrets. If the gateway speaks HTTPS (dev --tls), also what lets clients trust it.

Examples:
  eval "$(carvos env)"
  carvos env --format dotenv >> .env.receiver
  carvos env --format github >> "$GITHUB_ENV"`,
    )
    .action(async (options: Options) => run(io, command, options));
}

async function run(io: Io, command: Command, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const config = await loadValidConfig(io, options);
  const ats = selectAts(config, options.atsId);
  const { url, caFile } = findGateway(io, config, options.url);
  const trusted = url.protocol === 'https:' ? caFile : undefined;
  const { apiKey, incomingSecret, outgoingSecret } = requireCredentials(ats);
  const variables = {
    CARVOS_URL: url.href.replace(/\/$/, ''),
    CARVOS_ATS_ID: ats.id,
    CARVOS_API_KEY: apiKey,
    CARVOS_INCOMING_SECRET: incomingSecret,
    CARVOS_OUTGOING_SECRET: outgoingSecret,
    ...(trusted !== undefined && clientVariables(trusted, io.env)),
  };
  await warnOfDiffering(io, config, ats, CREDENTIAL_KINDS);
  for (const [name, value] of Object.entries(variables)) output.line(WRITE[options.format](name, value));
  // GitHub's file takes no comments.
  if (options.format !== 'github' && trusted !== undefined) {
    for (const line of clientNotes(trusted)) output.line(`# ${line}`);
  }
  output.document({ env: variables });
}

const WRITE: Record<Format, (name: string, value: string) => string> = {
  shell: (name, value) => `export ${name}=${shellQuote(value)}`,
  dotenv: (name, value) => `${name}=${quoteDotenv(value)}`,
  github: (name, value) => {
    if (!value.includes('\n')) return `${name}=${value}`;
    // A value that held the end would set what it likes after it.
    let end = 'CARVOS_END';
    while (value.includes(end)) end += '_';
    return `${name}<<${end}\n${value}\n${end}`;
  },
};

/** Quoted only where it must be: readers of .env files agree on little else. */
function quoteDotenv(value: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  return `\`${value}\``;
}
