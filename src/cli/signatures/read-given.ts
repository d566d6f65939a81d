import type { Command } from 'commander';
import type { EventDirection } from '../../contract/event-names.ts';
import type { DiagnosisSecret } from '../../signing/diagnose/types.ts';
import { configuredSecret, type LoadOptions } from '../config/ats.ts';
import { CliError } from '../terminal/errors.ts';
import { type Io, readText } from '../terminal/io.ts';

/** The flags that say what is verified, and with whose secret. */
export interface GivenFlags extends LoadOptions {
  signature?: string;
  delivery?: string;
  request?: string;
  secret?: string[];
  direction?: EventDirection;
}

/** Only a signature that fails, or a record, needs this: starting must stay fast. */
export const loadMore = () => import('./explain-signature.ts');

/** What is verified. */
export interface Given {
  /** The likeliest; `null` where what was recorded tells none. */
  body: Buffer | null;
  header: string;
  direction: EventDirection;
  /** What may be the body as well: it is where the signature is that of these bytes. */
  others?: readonly Buffer[] | undefined;
  /** Unix seconds, where the recording says when it was. */
  at?: number;
}

/**
 * The body, the header and whose they are.
 *
 * @param input the body's file, or standard input, and how it is read.
 * @throws CliError (exit 2) where what was recorded cannot be read.
 */
export async function readGiven(
  io: Io,
  command: Command,
  input: { file: string | undefined; read: () => Promise<Buffer> },
  options: GivenFlags,
): Promise<Given> {
  const direction = options.direction ?? 'outgoing';
  if (options.delivery !== undefined) {
    const { readRecord } = await loadMore();
    const record = await readRecord(io, command, options.delivery);
    return {
      body: record.body,
      header: record.signature ?? '',
      direction: options.direction ?? record.direction,
      at: record.at,
    };
  }
  if (options.request !== undefined) {
    const { countSignatures, findMisnamed, readRecordedRequest } = await loadMore();
    const { bytes } = await readText(io, options.request);
    const recorded = readRecordedRequest(bytes, options.request);
    const count = countSignatures(bytes);
    // A header that is there twice is judged as a whole.
    if (count > Math.max(1, countSignatures(Buffer.from(recorded.signature ?? ''))))
      io.warn?.(`${options.request}: there are ${count} signatures in it; the first is judged`);
    const misnamed = recorded.signature === null ? findMisnamed(bytes) : null;
    if (misnamed !== null) io.warn?.(`${options.request}: ${misnamed}`);
    const { at } = recorded;
    if (input.file !== undefined)
      return { body: await input.read(), header: recorded.signature ?? '', direction, at };
    const { body, others } = recorded;
    return { body, others, header: recorded.signature ?? '', direction, at };
  }
  // People paste the whole header line.
  const header = (options.signature ?? '').replace(/^\s*x-webhook-signature\s*:\s*/i, '');
  return { body: await input.read(), header, direction };
}

/**
 * The body that the signature is of, or else the likeliest.
 *
 * @throws CliError (exit 2) where there is none.
 */
export function chooseBody(
  { body, others = [] }: Given,
  isSigned: (one: Buffer) => boolean,
  request: string | undefined,
): Buffer {
  // Where there is but one, it is judged once.
  const likely = body === null ? others : [body, ...others];
  const found = others.length === 0 ? body : (likely.find(isSigned) ?? body);
  if (found !== null) return found;
  throw new CliError(
    `${request}: no raw body is recognized in it: curl -v does not show the body that it sends, and one that was parsed is none`,
    { next: `give it as a file: carvos verify BODY --request ${request}` },
  );
}

/** Taking the secret of the other direction is the likeliest slip. */
export function otherSecret(io: Io, options: GivenFlags, direction: EventDirection): DiagnosisSecret[] {
  if (options.secret !== undefined) return [];
  const { value } = configuredSecret(io, direction === 'incoming' ? 'outgoing' : 'incoming', options);
  return value === null ? [] : [{ value, role: 'other_direction' }];
}
