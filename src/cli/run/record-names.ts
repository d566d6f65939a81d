export type RecordedNames = ReturnType<typeof createNames>;

/** Variables for ids, which have to differ in every run. @param sender who a scenario sends as by itself. */
export function createNames(sender: { client_id: string; user_id: string }) {
  const vars = new Map<string, string>();
  const byId = new Map<string, string>();
  const taken = new Set<string>();
  /** A name that no step has saved yet. */
  const fresh = (name: string) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  };
  /** A value with its known ids as references, and everything else as it is. */
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
    /** Deliveries that steps saved, by their ids. */
    saved: new Map<string, string>(),
    fresh,
    refer,
    has: (value: unknown) => typeof value === 'string' && byId.has(value),
    /** A variable for an id of this kind. */
    add(noun: string, id: unknown): void {
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
