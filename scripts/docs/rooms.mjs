import { ROOMS, SHARED } from '../import-rules.mjs';
import { table } from './tables.mjs';

/** The import rules as a table for each part of src/. */
export function renderRooms() {
  const parts = { 'src/': (room) => !/^(?:emulator|cli)\//.test(room) };
  for (const part of ['emulator', 'cli']) parts[`src/${part}/`] = (room) => room.startsWith(`${part}/`);
  return Object.entries(parts)
    .map(([title, belongs]) => {
      const prefix = title.slice('src/'.length);
      const short = (name) => `\`${name.startsWith(prefix) ? name.slice(prefix.length) : name}\``;
      const rows = ROOMS.filter(({ room }) => belongs(room)).map(
        ({ room, changes, may, exceptions = [] }) => {
          const own = prefix === '' ? may : may.filter((name) => !SHARED.includes(name));
          const also = exceptions.map(({ name, only }) => `${short(name)} (${only})`);
          return [short(room), changes, [...own.map(short), ...also].join(', ') || 'nothing'];
        },
      );
      const note = prefix === '' ? '' : ` Besides ${SHARED.map((one) => `\`${one}\``).join(', ')}.`;
      return `### ${title}\n\nFrom the ground up.${note}\n\n${table(['room', 'one reason to change', 'may import'], rows)}`;
    })
    .join('\n\n');
}
