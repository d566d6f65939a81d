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

/** What is always there. */
export function isBuiltIn(name: string): boolean {
  return name === 'run.id' || name === 'run.folder' || name === 'now' || /^env\.[A-Za-z_]\w*$/.test(name);
}

/**
 * Looks through a whole scenario before anything of it runs: each reference must have been set before it is used, and
 * the variables of `vars` must not go round in a circle.
 */
export function checkVariables(
  { vars, steps }: Pick<ScenarioFile, 'vars' | 'steps'>,
  fail: (path: readonly (string | number)[], message: string) => void,
): void {
  const known = new Set<string>();
  for (const [name, value] of Object.entries(vars)) {
    for (const { reference, path } of referencesIn(value)) {
      const later = Object.hasOwn(vars, reference) && !known.has(reference);
      if (later) fail(['vars', name, ...path], `${name} refers to ${reference}, which is set no earlier`);
      else if (!isBuiltIn(reference) && !known.has(reference))
        fail(['vars', name, ...path], `there is no variable ${reference}`);
    }
    known.add(name);
  }
  steps.forEach(({ value }, index) => {
    for (const { reference, path } of referencesIn(value)) {
      if (!isBuiltIn(reference) && !known.has(reference))
        fail(['steps', index, ...path], `there is no variable ${reference} yet`);
    }
    for (const name of Object.keys((value.save as object | undefined) ?? {})) known.add(name);
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
