import type { ScenarioFile } from '../../contract/scenario.ts';

/** `${name}`, `${run.id}`, `${run.folder}`, `${env.NAME}`, `${now}`; `$${` stands for `${`. */
const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;
/** What stands for a whole string keeps its type. */
const WHOLE = /^\$\{([^}]*)\}$/;

/** A copy of a value with its references filled in. What is looked up was checked before (`checkVariables`). */
export function fillIn(value: unknown, lookUp: (name: string) => unknown): unknown {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value)?.[1];
    if (whole !== undefined) return lookUp(whole);
    return value.replace(REFERENCE, (_found, name?: string) => {
      if (name === undefined) return '${';
      const filled = lookUp(name);
      return typeof filled === 'string' ? filled : JSON.stringify(filled);
    });
  }
  if (Array.isArray(value)) return value.map((one) => fillIn(one, lookUp));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillIn(one, lookUp)]));
}

type Env = Readonly<Record<string, string | undefined>>;

/** What has a value in every scenario. */
const OWN = ['run.id', 'run.folder', 'now'];

/** What is missing of a variable that no scenario sets; `null` for one that is there. */
function missing(name: string, env: Env, yet = ''): string | null {
  if (OWN.includes(name)) return null;
  const [, variable] = /^env\.([A-Za-z_]\w*)$/.exec(name) ?? [];
  if (variable === undefined) return `there is no variable ${name}${yet}`;
  return env[variable] === undefined ? `the environment has no ${variable}` : null;
}

/**
 * Looks through a whole scenario before anything of it runs: each reference must have been set before it is used, and
 * the variables of `vars` must not go round in a circle.
 *
 * @param env what `${env.NAME}` is read from.
 */
export function checkVariables(
  { vars, steps }: Pick<ScenarioFile, 'vars' | 'steps'>,
  env: Env,
  fail: (path: readonly (string | number)[], message: string) => void,
): void {
  const known = new Set<string>();
  const give = (name: string, path: readonly (string | number)[]) => {
    const isOwn = OWN.includes(name) || name.startsWith('env.');
    if (isOwn) fail(path, `\${${name}} has a value of its own: take another name`);
    known.add(name);
  };
  for (const [name, value] of Object.entries(vars)) {
    for (const { reference, path } of referencesIn(value)) {
      const later = Object.hasOwn(vars, reference) && !known.has(reference);
      const problem = known.has(reference) ? null : missing(reference, env);
      if (later) fail(['vars', name, ...path], `${name} refers to ${reference}, which is set no earlier`);
      else if (problem !== null) fail(['vars', name, ...path], problem);
    }
    give(name, ['vars', name]);
  }
  steps.forEach(({ value }, index) => {
    for (const { reference, path } of referencesIn(value)) {
      const problem = known.has(reference) ? null : missing(reference, env, ' yet');
      if (problem !== null) fail(['steps', index, ...path], problem);
    }
    for (const name of Object.keys((value.save as object | undefined) ?? {}))
      give(name, ['steps', index, 'save', name]);
  });
}

function* referencesIn(
  value: unknown,
  path: (string | number)[] = [],
): Generator<{ reference: string; path: (string | number)[] }> {
  if (typeof value === 'string') {
    for (const [, reference] of value.matchAll(REFERENCE))
      if (reference !== undefined) yield { reference, path };
  } else if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) yield* referencesIn(one, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) yield* referencesIn(one, [...path, key]);
  }
}
