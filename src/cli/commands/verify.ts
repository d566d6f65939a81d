import type { Command } from 'commander';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { calledAs } from '../../files/called-as.ts';
import type { DiagnosisSecret } from '../../signing/diagnose/types.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { DEFAULT_TOLERANCE, verify } from '../../signing/verify.ts';
import { requireSecret } from '../config/secrets.ts';
import { secretInForce } from '../connect/secret-in-force.ts';
import { collectSecrets, offering, parseDirection, parseTime, readInput } from '../input/flags.ts';
import { chooseBody, type GivenFlags, loadMore, otherSecret, readGiven } from '../signatures/read-given.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { explainRefusal } from '../text/verify-reasons.ts';

interface Options extends GivenFlags {
  computed?: string;
  tolerance?: number;
  at?: number;
  budget?: number;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[file]', 'the body, byte for byte; - or nothing reads standard input')
    .option('--signature <value>', `the value of ${SIGNATURE_HEADER}`)
    .option('--delivery <id>', 'verify a delivery or attempt of the running gateway: dlv_… or dlv_…/3')
    .option(
      '--request <file>',
      'verify a recorded request: raw HTTP, curl -v, listen --json, HAR, a Lambda event or a log line',
    )
    .option(
      '--computed <hex>',
      'explain the value that your receiver computed, when the signature itself is genuine',
      parseComputed,
    )
    .option('--secret <secret>', 'use this secret instead of the configured one; repeatable', collectSecrets)
    .option(
      '--tolerance <seconds>',
      `allowed age in seconds, or off (default: ${DEFAULT_TOLERANCE})`,
      offering(['off'], parseTolerance),
    )
    .option('--at <time>', 'check the age as of this time: Unix seconds or ISO 8601 (default: now)', (text) =>
      parseTime(text, '--at'),
    )
    .option(
      '--direction <direction>',
      'whose secret: outgoing (CarvOS → ATS, what your receiver gets) or incoming (ATS → CarvOS) (default: outgoing)',
      parseDirection,
    )
    .option('--ats-id <id>', 'which ATS, if there are several')
    .option(
      '--budget <steps>',
      'how long to search for combinations of mistakes: 200k, 2m (default: 200k, at a terminal 1m)',
      parseBudget,
    )
    .addHelpText(
      'after',
      `
Give one of --signature, --delivery and --request. When the signature does not verify, verify looks for the
mistake: it computes the signature with one, two or three common mistakes, and names those that lead to exactly
the given value, with what to change. The exit code is 0 when the signature verifies, 3 when it does not.

Examples:
  carvos verify body.json --signature "t=1768472880,v1=5f2b…"
  carvos verify body.json --signature "$HEADER" --at 2026-01-15T10:28:00Z --json
  carvos verify - --signature "$HEADER" --direction incoming < body.json
  carvos verify --delivery dlv_0198c…                         a record of the running gateway
  carvos verify --delivery dlv_0198c… --computed 5f2b…        what did my receiver do wrong?
  carvos verify --request request.txt                         raw HTTP
  carvos verify body.json --request curl.txt                  curl -v does not show the body`,
    )
    .action(async (file: string | undefined, options: Options) => run(io, command, file, options));
}

/** In whatever way it was written down (`given.ts`): what is shorter than every digest is a slip of the hand. */
function parseComputed(text: string): string {
  if (/^[\x20-\x7e]{11,}$/.test(text.trim())) return text.trim();
  throw new CliError(`--computed: ${JSON.stringify(text)} is not a signature`, {
    next: 'give the 64 hex digits that your receiver computed',
  });
}

/** Steps, with k or m for thousands and millions. */
function parseBudget(text: string): number {
  const [, digits, unit = ''] = /^([0-9]{1,9})([km]?)$/i.exec(text) ?? [];
  if (digits !== undefined) return Number(digits) * ({ k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1);
  throw new CliError(`--budget: ${JSON.stringify(text)} is not a number of steps`, {
    next: 'give 200k, or 10m',
  });
}

async function run(io: Io, command: Command, file: string | undefined, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const sources = [options.signature, options.delivery, options.request].filter((one) => one !== undefined);
  if (sources.length !== 1) {
    throw new CliError(
      sources.length === 0
        ? 'there is no --signature'
        : '--signature, --delivery and --request exclude each other',
      { next: 'give one of --signature VALUE, --delivery ID or --request FILE' },
    );
  }
  if (options.delivery !== undefined && file !== undefined) {
    throw new CliError(`a record has its own body: ${file} would not be looked at`, {
      next: 'leave it out; or give it with --signature VALUE instead of --delivery',
    });
  }
  // The gateway searches only so far: it has other work.
  if (options.delivery !== undefined && options.secret === undefined && options.budget === undefined) {
    return await runRecord(io, command, output, options as Options & { delivery: string });
  }
  const given = await readGiven(io, command, { file, read: () => readInput(io, file) }, options);
  const { header, direction } = given;
  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  const now = options.at ?? given.at;
  const secrets =
    options.secret?.map((value) => ({ value, origin: '--secret' })) ??
    [await secretInForce(io, direction, options)].map((secret) => ({
      value: requireSecret(secret),
      origin: secret.origin,
    }));
  const judge = (body: Buffer, tolerance: number) =>
    verify({ body, header, secret: secrets.map(({ value }) => value), now, tolerance });
  const isSigned = (one: Buffer) => judge(one, Number.POSITIVE_INFINITY).valid;
  const body = chooseBody(given, isSigned, options.request);
  const result = judge(body, tolerance);

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
  if (result.valid && options.computed === undefined) {
    const secret = used[result.secretIndex]!;
    output.line(
      `${output.paint.green('valid')}  ${describeAge(result.age)}, secret ${secret.fingerprint} (${secret.origin})`,
    );
    output.document({ ...facts, reason: null, secret, diagnosis: null });
    return;
  }
  const { explain } = await loadMore();
  const diagnosis = await explain(io, output, {
    budget: options.budget,
    body,
    header,
    computed: options.computed,
    secrets: [
      ...secrets.map(({ value }): DiagnosisSecret => ({ value, role: 'expected' })),
      ...otherSecret(io, options, direction),
    ],
    side: direction === 'incoming' ? 'sender' : 'receiver',
    now,
    tolerance,
  });
  const about = options.secret === undefined ? `, ${DIRECTION_LABEL[direction]}` : '';
  const footer = `  body ${body.length} bytes; secret ${used.map((one) => `${one.fingerprint} (${one.origin})`).join(', ')}${about}`;
  if (options.computed !== undefined) {
    const reason = diagnosis.verdict === 'valid' ? null : 'computed_differs';
    await finish(io, output, diagnosis, reason, footer, true);
    output.document({
      ...facts,
      valid: diagnosis.verdict === 'valid',
      signature_valid: result.valid,
      reason,
      diagnosis,
    });
    return;
  }
  if (result.valid) return;
  const { what, next } = explainRefusal(result, tolerance);
  await finish(io, output, diagnosis, result.reason, footer, false);
  output.document({
    ...facts,
    reason: result.reason,
    position: result.position ?? null,
    explanation: diagnosis.findings[0]?.message ?? what,
    next: diagnosis.findings[0]?.fix ?? next,
    diagnosis,
  });
}

/** A record of the running gateway, judged by the gateway with all secrets that it knows. */
async function runRecord(
  io: Io,
  command: Command,
  output: Output,
  options: Options & { delivery: string },
): Promise<void> {
  const { diagnoseRecord } = await loadMore();
  const { id, direction, diagnosis } = await diagnoseRecord(io, command, {
    id: options.delivery,
    computed: options.computed,
    at: options.at,
    tolerance: options.tolerance,
  });
  const reason = diagnosis.verdict === 'valid' ? null : (diagnosis.findings[0]?.code ?? 'mismatch');
  const footer = `  ${id}, ${DIRECTION_LABEL[direction]}, body ${diagnosis.hashed.bytes} bytes; judged by the gateway with its own secrets`;
  await finish(io, output, diagnosis, reason, footer, options.computed !== undefined);
  if (reason === null && options.computed === undefined && direction === 'outgoing') {
    output.note(
      `If your receiver refused it: ${calledAs()} verify --delivery ${id} --computed DIGITS says what it did wrong, with the 64 hex digits that it computed.`,
    );
  }
  output.document({ valid: diagnosis.verdict === 'valid', id, direction, reason, diagnosis });
}

/** The verdict, the findings and what they are about; sets the exit code. */
async function finish(
  io: Io,
  output: Output,
  diagnosis: DiagnosisView,
  reason: string | null,
  footer: string,
  computed: boolean,
): Promise<void> {
  if (reason === null) {
    const how = computed
      ? 'your receiver computed the right value: look at how it compares, and with what'
      : 'it verifies';
    output.line(`${output.paint.green('valid')}  ${how}`);
  } else {
    const { formatDiagnosis } = await loadMore();
    io.exitCode = EXIT.signature;
    const what = computed ? 'not the right value' : 'not valid';
    output.line(`${output.paint.red(what)}  ${reason}`);
    for (const line of formatDiagnosis(diagnosis, output.paint)) output.line(line);
  }
  output.line(output.paint.dim(footer));
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
