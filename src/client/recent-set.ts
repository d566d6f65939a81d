/**
 * Remembers ids, the newest so many: what runs for weeks does not grow.
 *
 * @returns `add`, which says whether an id is new.
 */
export function createRecentSet(most: number, first: Iterable<string> = []): { add(id: string): boolean } {
  const ids = new Set(first);
  return {
    add(id) {
      if (ids.has(id)) return false;
      ids.add(id);
      for (const oldest of ids) {
        if (ids.size <= most) break;
        ids.delete(oldest);
      }
      return true;
    },
  };
}
