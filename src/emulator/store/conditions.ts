import type { SqlValue } from './store.ts';

/** A condition with a value for each `?` in it; left out where one of them is `undefined`. */
export type Condition = readonly [text: string, ...values: (SqlValue | undefined)[]];

/** The WHERE of all that are not left out, and the values in their order. */
export function joinConditions(conditions: readonly Condition[]): { where: string; values: SqlValue[] } {
  const given = conditions.filter((one): one is readonly [string, ...SqlValue[]] => !one.includes(undefined));
  return {
    where: given.length === 0 ? '' : `WHERE ${given.map(([text]) => text).join(' AND ')}`,
    values: given.flatMap(([, ...values]) => values),
  };
}
