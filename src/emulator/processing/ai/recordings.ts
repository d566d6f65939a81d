import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLosslessNumber } from 'lossless-json';
import { type ReadAnswer, readAnswer } from '../../../contract/ai.ts';
import { parseJson, stringifyJson } from '../../../contract/json.ts';
import { toUtf8 } from '../../../files/decode-text.ts';
import type { AiAnswered, AiBackend, AiJob } from '../backend.ts';
import { describeRequest, subjectOf } from './describe-request.ts';
import type { AiSettings } from './options.ts';

/** Jobs and answers as files, one each, named by what is in the job. */

type Fields = Record<string, unknown>;

const VERSION = 1;
const REDACTED = '[redacted]';
const LARGEST_RECORDING = 32 * 1024 * 1024;

/** Passes jobs on to another backend, and stores each with its answer. What goes wrong is reported, not thrown. */
export function recordTo(
  folder: string,
  settings: AiSettings,
  next: AiBackend,
  onError: (error: unknown) => void,
): AiBackend {
  return {
    open(job) {
      const session = next.open(job);
      return {
        async ask(attempt, signal, asking) {
          const asked = await session.ask(attempt, signal, asking);
          if (isAnswer(asked.answer)) await store(folder, settings, job, asked.answer).catch(onError);
          return asked;
        },
        close: session.close,
      };
    },
  };
}

/** Answers from the files of a folder; what has none goes on to the other backend, where there is one. */
export function playBackFrom(folder: string, otherwise: AiBackend | null): AiBackend {
  return {
    open(job) {
      const name = fileNameOf(job);
      return {
        async ask(attempt, signal, asking) {
          const answer = await find(folder, name, job);
          if (answer !== null) return { by: 'recording', answer };
          if (otherwise !== null) {
            const session = otherwise.open(job);
            return session.ask(attempt, signal, asking).finally(session.close);
          }
          const message = `no recording of this ${job.event}: ${name} is not in ${folder}`;
          return { by: 'recording', answer: { kind: 'unable', code: 'ai_no_recording', message } };
        },
      };
    },
  };
}

function isAnswer(
  answer: AiAnswered,
): answer is Extract<AiAnswered, { kind: 'result' | 'failure' | 'nothing' }> {
  return answer.kind === 'result' || answer.kind === 'failure' || answer.kind === 'nothing';
}

async function store(
  folder: string,
  settings: AiSettings,
  job: AiJob,
  answer: Extract<AiAnswered, { kind: 'result' | 'failure' | 'nothing' }>,
): Promise<void> {
  const said =
    answer.kind === 'result'
      ? { data: answer.data }
      : answer.kind === 'failure'
        ? { error: answer.error }
        : { nothing: true };
  const name = fileNameOf(job);
  const recording = {
    version: VERSION,
    event: job.event,
    ids: idsOf(job),
    job: redact(storedJob(job), settings.redact),
    answer: redact(said, settings.redactAnswer),
  };
  await mkdir(folder, { recursive: true });
  // Renamed into place: a playback beside it, or after a kill, never sees half a file.
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  await writeFile(temporary, `${stringifyJson(recording, 2)}\n`, { mode: 0o600 });
  await rename(temporary, join(folder, name));
}

async function find(folder: string, name: string, job: AiJob): Promise<AiAnswered | null> {
  let bytes: Buffer;
  try {
    const path = join(folder, name);
    const found = await stat(path);
    // A pipe that nobody writes to would hold one of Node's few threads for ever.
    if (!found.isFile()) return bad(name, 'is not a file');
    if (found.size > LARGEST_RECORDING) return bad(name, 'is larger than 32 MiB');
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    return bad(name, `cannot be read (${code})`);
  }
  const parsed = parseJson(toUtf8(bytes).bytes);
  if (!parsed.ok) return bad(name, `is not JSON: ${parsed.problem.msg}`);
  const { version, ids, answer } = (parsed.value ?? {}) as {
    version?: unknown;
    ids?: unknown;
    answer?: unknown;
  };
  if (version !== VERSION || typeof ids !== 'object' || ids === null) return bad(name, 'is not a recording');
  const own = withIds(answer, ids as Record<string, string>, idsOf(job));
  const read: ReadAnswer = readAnswer(Buffer.from(stringifyJson(own)), job.event, subjectOf(job));
  if (read.kind === 'bad' || read.kind === 'default')
    return bad(name, read.kind === 'bad' ? read.message : 'has no answer');
  return read;
}

function bad(name: string, what: string): AiAnswered {
  return { kind: 'unable', code: 'ai_bad_recording', message: `${name} ${what}` };
}

/**
 * The file of a job: its event, and a hash of what it says. Left out of the hash is what differs
 * from run to run although the job is the same: ids, times, and where they are kept.
 */
function fileNameOf(job: AiJob): string {
  const { entity, candidate, vacancy, cv_text } = job;
  const data = [entity, candidate, vacancy].map((state) => state?.data ?? null);
  // A workspace event is about no entity: there the request is what is said.
  const content = [job.event, entity ? data : job.request, cv_text];
  const hash = createHash('sha256')
    .update(stringifyJson(canonical(content)))
    .digest('hex');
  return `${job.event}-${hash.slice(0, 20)}.json`;
}

const VARIES = /^(id|.*_id|.*_at|timestamp|event)$/;

/** Keys sorted, and without those that vary from run to run. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const keys = Object.keys(value).filter((key) => !VARIES.test(key));
  return Object.fromEntries(keys.sort().map((key) => [key, canonical((value as Fields)[key])]));
}

function storedJob(job: AiJob): Fields {
  const { version, job_id, reference_id, request, ...rest } = describeRequest(job);
  return job.entity === null ? { ...rest, request } : rest;
}

/** The ids that an answer may repeat: those of the job at hand are put in their place. */
function idsOf(job: AiJob): Record<string, string> {
  const ids: Record<string, string> = { client_id: job.client_id };
  const subject = subjectOf(job);
  const texts = (fields: Fields) => {
    for (const [key, value] of Object.entries(fields))
      if (/_id$/.test(key) && typeof value === 'string') ids[key] = value;
  };
  texts(job.entity?.data ?? job.request);
  ids[subject.field] = subject.id;
  if (job.candidate) ids.candidate_id = job.candidate.id;
  if (job.vacancy) ids.vacancy_id = job.vacancy.id;
  return ids;
}

function withIds(value: unknown, recorded: Record<string, string>, now: Record<string, string>): unknown {
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return value;
  if (Array.isArray(value)) return value.map((item) => withIds(item, recorded, now));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const same = typeof inner === 'string' && Object.hasOwn(recorded, key) && recorded[key] === inner;
      return [key, same && Object.hasOwn(now, key) ? now[key] : withIds(inner, recorded, now)];
    }),
  );
}

/** A copy in which every value at one of the paths is replaced. `*` is one step, `**` any number. */
function redact(value: unknown, paths: readonly string[]): unknown {
  const rules = paths.map((path) => path.split('.'));
  const walk = (inner: unknown, left: string[][]): unknown => {
    if (left.some((rule) => rule.length === 0 || rule.every((step) => step === '**'))) {
      return inner === null ? null : REDACTED;
    }
    if (typeof inner !== 'object' || inner === null || isLosslessNumber(inner)) return inner;
    const step = (key: string) => left.flatMap((rule) => stepInto(rule, key));
    if (Array.isArray(inner)) return inner.map((item, index) => walk(item, step(String(index))));
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item, step(key))]));
  };
  return walk(value, rules);
}

/** What of a rule is left after one key; nothing where it does not fit. */
function stepInto(rule: string[], key: string): string[][] {
  const [first, ...rest] = rule;
  if (first === undefined) return [];
  if (first === '**') return [rule, ...stepInto(rest, key)];
  return first === '*' || first === key ? [rest] : [];
}
