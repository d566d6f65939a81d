import { isLosslessNumber } from 'lossless-json';
import { checkData } from '../../../contract/ai.ts';
import type { AiCondition } from '../../../contract/ai-rule.ts';
import { stringifyJson } from '../../../contract/json.ts';
import { readPath } from '../../../contract/json-path.ts';
import { createTrials, ENDED_MOST } from '../../../contract/matcher.ts';
import type { AiRuleOptions } from '../../settings.ts';
import type { AiBackend, AiJob } from '../backend.ts';
import { askStub } from '../stub/stub.ts';
import { waitWallTime } from '../wait-wall-time.ts';
import { subjectOf } from './describe-request.ts';

type Fields = Record<string, unknown>;

/** How long one regular expression may take: some never end on some texts. */
const MATCH_LIMIT_MS = 100;

/** Whether a text matches a pattern. */
type Match = (pattern: string, text: string) => boolean;

/** Rules before another backend: the first that matches answers, what none matches goes on. */
export function rulesBefore(
  rules: readonly AiRuleOptions[],
  next: AiBackend,
  warn: (text: string) => void,
): AiBackend {
  const warned = new Set<string>();
  /** A slip in a path would otherwise be an empty text that nobody explains. Once for each. */
  const missing = (by: string) => (path: string) => {
    const text = `${by}: {{${path}}} is nothing in this job, so it is left empty`;
    if (!warned.has(text)) warn(text);
    warned.add(text);
  };
  const { test: matches } = createTrials(MATCH_LIMIT_MS, (pattern, tries) => {
    const end = tries < ENDED_MOST ? '' : `; it matches nothing from now on, until the rules change`;
    warn(`pattern ${JSON.stringify(pattern)} took longer than ${MATCH_LIMIT_MS} ms, which is no match${end}`);
  });
  return {
    open(job) {
      const view = viewForRules(job);
      const index = rules.findIndex((rule) => matchesRule(rule, view, matches));
      const rule = rules[index];
      if (!rule) return next.open(job);
      const by = `rule ${rule.name ?? index + 1}`;
      const onward = rule.data || rule.fail || rule.nothing ? null : next.open(job);
      return {
        async ask(attempt, signal, asking) {
          // Once: a retry behind it is not slow too.
          if (rule.delayMs !== undefined && attempt === 1) await waitWallTime(rule.delayMs, signal);
          if (onward !== null) return onward.ask(attempt, signal, asking);
          if (rule.nothing) return { by, answer: { kind: 'nothing' } };
          if (rule.fail !== undefined)
            return { by, answer: { kind: 'failure', error: failureOf(rule.fail, by) } };
          const data = fillTemplate(rule.data!, view, missing(by)) as Fields;
          if (rule.replace) return { by, answer: checkData(data, job.event, subjectOf(job)) as never };
          const base = await askStub(job, signal);
          if (base.kind !== 'result') return { by, answer: base };
          const answer = checkData({ ...base.data, ...data }, job.event, subjectOf(job));
          return { by, answer: answer as never };
        },
        close: onward?.close,
      };
    },
  };
}

function failureOf(fail: NonNullable<AiRuleOptions['fail']>, by: string) {
  const { code, message } = typeof fail === 'string' ? { code: fail, message: undefined } : fail;
  return { code, message: message ?? `the AI failed because ${by} says so` };
}

/** A job as paths see it: `entity.email` is the field, whatever the job is made of. */
function viewForRules(job: AiJob): Fields {
  const fields = (state: AiJob['entity']) => state && { id: state.id, ...state.data };
  return {
    ...job,
    entity: fields(job.entity),
    candidate: fields(job.candidate),
    vacancy: fields(job.vacancy),
    cv: job.cv ?? null,
  };
}

/** Whether everything that a rule asks for holds. */
function matchesRule({ when }: Pick<AiRuleOptions, 'when'>, view: Fields, matches: Match): boolean {
  if (when === undefined) return true;
  const same = (expected: string | undefined, ...paths: string[]) =>
    expected === undefined || paths.some((path) => valueAt(view, path) === expected);
  const kind = String(view.event).split('.')[0];
  const own = (name: string) => (kind === name ? ['entity.id'] : [`${name}.id`, `entity.${name}_id`]);
  return (
    same(when.event, 'event') &&
    same(when.clientId, 'client_id') &&
    same(when.atsId, 'ats_id') &&
    same(when.id, 'entity.id') &&
    same(when.candidateId, ...own('candidate')) &&
    same(when.vacancyId, ...own('vacancy')) &&
    Object.entries(when.where ?? {}).every(([path, condition]) =>
      holds(condition, valueAt(view, path), matches),
    )
  );
}

function holds(condition: AiCondition, value: unknown, matches: Match): boolean {
  if (typeof condition !== 'object' || condition === null) {
    return isLosslessNumber(value) ? value.toString() === String(condition) : value === condition;
  }
  if ('exists' in condition) return (value !== undefined && value !== null) === condition.exists;
  if (value === undefined || value === null || (typeof value === 'object' && !isLosslessNumber(value)))
    return false;
  return matches(condition.matches, String(value));
}

/** The value at `candidate.skills[0]`, or `undefined`. Only what is really there, never what is inherited. */
function valueAt(root: unknown, path: string): unknown {
  return readPath(root, path.replace(/\[(\d+)\]/g, '.$1').split('.'));
}

/**
 * Fills in `{{path}}`: alone it becomes the value as it is, within a text its words.
 *
 * @param missing called with each path at which there is nothing, not even `null`.
 */
function fillTemplate(value: unknown, view: Fields, missing: (path: string) => void): unknown {
  const read = (path: string) => {
    const found = valueAt(view, path);
    if (found === undefined) missing(path);
    return found ?? null;
  };
  if (typeof value === 'string') {
    const alone = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(value)?.[1];
    if (alone !== undefined) return read(alone);
    return value.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_whole, path: string) => wordsOf(read(path)));
  }
  if (Array.isArray(value)) return value.map((item) => fillTemplate(item, view, missing));
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fillTemplate(inner, view, missing)]),
  );
}

/** A value within a text. By JSON, since a text of its own an object of somebody's data may not have. */
function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : stringifyJson(value);
}
