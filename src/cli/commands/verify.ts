import type { Command } from 'commander';
import { DIRECTION_LABEL, type EventDirection } from '../../contract/event-names.ts';
import { DEFAULT_TOLERANCE, SIGNATURE_HEADER, type VerifyResult, verify } from '../../signing/index.ts';
import { requireSecret } from '../config/secrets.ts';
import { configuredSecret } from '../direction-secret.ts';
import { formatDuration } from '../duration.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { fingerprint } from '../fingerprint.ts';
import { collect, oneOf, parseTime, readInput } from '../input.ts';
import type { Io } from '../io.ts';
import { createOutput } from '../output.ts';
import { explainRefusal } from '../verify-reasons.ts';

interface Options {
  signature: string;
  secret?: string[];
  tolerance: number;
  at?: number;
  direction: EventDirection;
  atsId?: string;
  config?: string;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[file]', 'the body, byte for byte; - or nothing for standard input')
    .requiredOption('--signature <value>', `the value of ${SIGNATURE_HEADER}`)
    .option(
      '--secret <secret>',
      'use this secret instead of the configured one; repeat it for several',
      collect,
    )
    .option('--tolerance <seconds>', 'allowed age in seconds, or off', parseTolerance, DEFAULT_TOLERANCE)
    .option('--at <time>', 'judge the age as of then: Unix seconds or ISO 8601', (text) =>
      parseTime(text, '--at'),
    )
    .option(
      '--direction <direction>',
      'whose secret: outgoing (CarvOS → ATS, what your receiver gets) or incoming (ATS → CarvOS)',
      oneOf<EventDirection>('--direction', ['incoming', 'outgoing']),
      'outgoing',
    )
    .option('--ats-id <id>', 'which ATS, where the config file has several')
    .addHelpText(
      'after',
      `
Ends with 0 when the signature verifies and with 3 when it does not.

Examples:
  carvos verify body.json --signature "t=1768472880,v1=5f2b…"
  carvos verify body.json --signature "$HEADER" --at 2026-01-15T10:28:00Z --json
  carvos verify - --signature "$HEADER" --direction incoming < body.json`,
    )
    .action(async (file: string | undefined, options: Options) => run(io, command, file, options));
}

async function run(io: Io, command: Command, file: string | undefined, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const { direction, tolerance } = options;
  const secrets =
    options.secret?.map((value) => ({ value, origin: '--secret' })) ??
    [configuredSecret(io, direction, options)].map((secret) => ({
      value: requireSecret(secret),
      origin: secret.origin,
    }));
  const body = await readInput(io, file);
  // People paste the whole header line.
  const header = options.signature.replace(/^\s*x-webhook-signature\s*:\s*/i, '');
  const result = verify({
    body,
    header,
    secret: secrets.map(({ value }) => value),
    now: options.at,
    tolerance,
  });

  const used = secrets.map(({ value, origin }) => ({ fingerprint: fingerprint(value), origin }));
  const facts = {
    valid: result.valid,
    direction: options.secret === undefined ? direction : null,
    timestamp: result.timestamp ?? null,
    age_seconds: result.age ?? null,
    tolerance_seconds: Number.isFinite(tolerance) ? tolerance : null,
    body_bytes: body.length,
    secrets: used,
  };
  if (result.valid) {
    const secret = used[result.secretIndex]!;
    output.line(
      `${output.paint.green('valid')}  ${describeAge(result.age)}, secret ${secret.fingerprint} (${secret.origin})`,
    );
    output.document({ ...facts, reason: null, secret });
    return;
  }
  io.exitCode = EXIT.signature;
  const { what, next } = explainRefusal(result, tolerance);
  const hint = options.secret === undefined ? otherDirection(io, options, body, header, result) : null;
  output.line(`${output.paint.red('not valid')}  ${result.reason}`);
  output.line(`  ${what}`);
  output.line(`  ${hint ?? next}`);
  const direct = options.secret === undefined ? `, ${DIRECTION_LABEL[direction]}` : '';
  output.line(
    output.paint.dim(
      `  body ${body.length} bytes; secret ${used.map((one) => `${one.fingerprint} (${one.origin})`).join(', ')}${direct}`,
    ),
  );
  output.document({
    ...facts,
    reason: result.reason,
    position: result.position ?? null,
    explanation: what,
    next: hint ?? next,
  });
}

/** Taking the secret of the other direction is the likeliest slip: worth a look. */
function otherDirection(
  io: Io,
  options: Options,
  body: Buffer,
  header: string,
  result: VerifyResult,
): string | null {
  if (result.valid || result.reason !== 'mismatch') return null;
  const other = options.direction === 'incoming' ? 'outgoing' : 'incoming';
  const { value } = configuredSecret(io, other, options);
  if (value === null || !verify({ body, header, secret: value, tolerance: Number.POSITIVE_INFINITY }).valid)
    return null;
  return `It verifies with the ${other} secret: this was signed as ${DIRECTION_LABEL[other]}. Use --direction ${other}, or the right secret in your code.`;
}

function describeAge(age: number): string {
  if (age === 0) return 'less than 1s old';
  return age < 0 ? `${formatDuration(-age * 1000)} ahead` : `${formatDuration(age * 1000)} old`;
}

function parseTolerance(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CliError(`--tolerance: ${JSON.stringify(text)} is not a number of seconds`, {
    next: 'give 300, or off',
  });
}
