/** What the emulator does without CarvOS's readable documentation saying so. Ids are stable; scripts read them. */
export interface Assumption {
  id: string;
  /** `unread`: CarvOS documents it where we could not read it; ours is a guess. `emu`: our decision. */
  source: 'unread' | 'emu';
  /** Section of the wire contract. */
  section: number;
  what: string;
  /** Where it shows: an event, a call, a header, an answer. */
  where: string;
  why: string;
  /** How to find out from the real gateway or its documentation. */
  check: string;
  /** `false`: no traffic can show whether it was relied on. */
  observable?: false;
}
