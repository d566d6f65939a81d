/** Variables for ids, which have to differ in every run. */
export interface RecordedNames {
  vars: Map<string, string>;
  /** A value with its known ids as references, and everything else as it is. */
  refer(value: unknown): unknown;
  has(value: unknown): boolean;
  /** A variable for an id of this kind. */
  add(noun: string, id: unknown): void;
  /** A name that no step has saved yet. */
  fresh(name: string): string;
  /** Deliveries that steps saved, by their ids. */
  saved: Map<string, string>;
  /** Who a scenario sends as by itself. */
  sender: { client_id: string; user_id: string };
}

export function createNames(sender: RecordedNames['sender']): RecordedNames {
  const vars = new Map<string, string>();
  const byId = new Map<string, string>();
  const taken = new Set<string>();
  const fresh = (name: string) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  };
  const refer = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const name = byId.get(value);
      return name === undefined ? plainly(value) : `\${${name}}`;
    }
    if (Array.isArray(value)) return value.map(refer);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, refer(one)]));
  };
  return {
    vars,
    sender,
    saved: new Map(),
    fresh,
    refer,
    has: (value) => typeof value === 'string' && byId.has(value),
    add(noun, id) {
      if (typeof id !== 'string' || byId.has(id)) return;
      const name = fresh(noun);
      byId.set(id, name);
      vars.set(name, `${plainly(id)}-\${run.id}`);
    },
  };
}

/** What looks like a reference and is none. By a function, since `$$` in a replacement means `$`. */
function plainly(text: string): string {
  return text.replaceAll('${', () => '$${');
}
