import { ASSUMPTIONS, type AssumptionId } from '../../contract/assumptions.ts';
import { describeFacts } from '../../contract/facts/describe-facts.ts';
import { type AssumedRefusal, type ErrorShape, Facts } from '../../contract/facts/facts.ts';
import type { CheckedAssumption } from '../../contract/output/assumptions-check.ts';
import type { Fact, Finding, Findings } from './findings.ts';

/** Places that are shown for one assumption. */
const MOST_EVIDENCE = 3;

/** Sums up findings: a verdict for each assumption, and the facts that follow from what was refuted. */
export function conclude(findings: Findings) {
  const list = judgeMissingHeaders(findings.list);
  const facts: Facts = { version: 1 };
  const mixed = new Set<string | undefined>(
    list.flatMap(({ holds, subject }) => (holds && subject !== undefined ? [subject] : [])),
  );
  const assumptions = ASSUMPTIONS.map((one): CheckedAssumption => {
    const about = list.filter(({ assumption }) => assumption === one.id);
    const against = about.filter(({ holds }) => !holds);
    const followed = against.flatMap(({ fact, subject }) =>
      fact !== undefined && !mixed.has(subject) && isClean(fact, findings.said) && add(facts, fact)
        ? [fact]
        : [],
    );
    const shown = against.length > 0 ? against : about;
    return {
      id: one.id,
      verdict: against.length > 0 ? 'refuted' : about.length > 0 ? 'confirmed' : 'not seen',
      carvos: one.what,
      evidence: shown.slice(0, MOST_EVIDENCE).map(({ place, field, seen }) => ({ ...place, field, seen })),
      facts: [...new Set(followed.flatMap((fact) => describeFacts(factsOf([fact])).map((one) => one.fact)))],
    };
  });
  return {
    assumptions,
    unknown: findings.unknown.map(({ kind, what, place }) => ({ kind, what, ...place })),
    facts: Facts.parse(facts),
  };
}

/** Whether no name in it is one of a person, or something secret: some bodies have those as names. */
function isClean(fact: Fact, said: ReadonlySet<string>): boolean {
  return namesIn(fact).every((name) => !said.has(name.toLowerCase()));
}

function namesIn(fact: Fact): string[] {
  if (fact.kind === 'field') return [fact.name];
  if (fact.kind === 'cvField') return [fact.value];
  return fact.kind === 'error' ? namesOfShape(fact.value) : [];
}

function namesOfShape(shape: ErrorShape): string[] {
  if (typeof shape !== 'object' || shape === null) return [];
  return Object.entries(shape).flatMap(([name, one]) => [name, ...namesOfShape(one)]);
}

function factsOf(list: readonly Fact[]): Facts {
  const facts: Facts = { version: 1 };
  for (const fact of list) add(facts, fact);
  return facts;
}

/** Puts a fact into the file's form; the first of its kind stands. */
function add(facts: Facts, fact: Fact): boolean {
  switch (fact.kind) {
    case 'eventHeader':
      facts.eventHeader ??= fact.value;
      return true;
    case 'cvField':
      facts.cvField ??= fact.value;
      return true;
    case 'score':
      facts.score ??= fact.value;
      return true;
    case 'status': {
      const code = fact.code as AssumedRefusal;
      facts.statuses = { [code]: fact.value, ...facts.statuses };
      return true;
    }
    case 'error':
      facts.errors = { [fact.of]: fact.value, ...facts.errors };
      return true;
    case 'field':
      facts.fields = {
        ...facts.fields,
        [fact.entity]: { [fact.name]: fact.value, ...facts.fields?.[fact.entity] },
      };
      return true;
  }
}

/** A missing header is assumed to get the body of every other validation error, whatever form that has. */
function judgeMissingHeaders(list: readonly Finding[]): Finding[] {
  const forms = new Set(list.flatMap((one) => formOf(one, 'answer-422-form')));
  return list.map((one) => {
    const [form] = formOf(one, 'missing-header-422');
    if (form === undefined || !forms.has(form)) return one;
    return {
      ...one,
      holds: true,
      seen: 'the body is that of every other validation error',
      subject: undefined,
      fact: undefined,
    };
  });
}

function formOf({ assumption, fact }: Finding, wanted: AssumptionId): string[] {
  return assumption === wanted && fact?.kind === 'error' ? [JSON.stringify(fact.value)] : [];
}
