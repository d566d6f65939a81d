// The import rules: what each room of src/ may import. `npm run imports` enforces them; the room table of the
// documents is generated from them.
//
// A room is a folder with all that is below it, or one file. The rooms stand in order, from the ground up, and one
// may import only rooms that stand before it, so rooms cannot form a circle. Imports of types count. An exception says
// how it is restricted (`lazy`: only by `import()`; `types`: only types) and why it exists.

const NODE = 'node:*';

const inside = (folder, rooms) =>
  rooms.map(({ room, may, ...rest }) => ({
    room: `${folder}/${room}`,
    may: may.map((name) => (name.includes('/') ? name : `${folder}/${name}`)),
    ...rest,
  }));

const shared = ['contract/', 'signing/', 'transport/', 'files/'];

/** What rooms above may import without being listed one by one. */
export const SHARED = ['contract', 'signing', 'transport', 'files', 'client'];

const emulator = inside('emulator', [
  {
    room: 'store',
    changes: 'how a thing is stored',
    may: [],
    packages: ['better-sqlite3', 'lossless-json', 'zod'],
  },
  { room: 'settings.ts', changes: 'what can be set', may: [] },
  { room: 'http', changes: 'how a body is read and an answer written', may: [] },
  { room: 'in-flight.ts', changes: 'how those in flight are kept', may: [] },
  { room: 'time', changes: 'the schedule clock', may: ['settings.ts'] },
  { room: 'faults', changes: 'which fault applies', may: ['time', 'store'] },
  { room: 'live-feed.ts', changes: 'what is published', may: ['time', 'store'] },
  { room: 'ids.ts', changes: 'how ids are made', may: ['time'], packages: ['uuid'] },
  {
    room: 'ats',
    changes: 'an ATS and its secrets',
    may: ['settings.ts', 'time', 'store'],
    packages: ['zod'],
  },
  {
    room: 'assumptions',
    changes: 'what traffic relied on',
    may: ['time', 'store'],
    packages: ['lossless-json'],
  },
  {
    room: 'delivery',
    changes: 'when and how one attempt is made',
    may: ['time', 'in-flight.ts'],
    packages: ['undici'],
  },
  {
    room: 'processing',
    changes: 'how a job gets its result',
    may: ['time', 'faults', 'settings.ts', 'assumptions', 'live-feed.ts', 'store'],
    packages: ['lossless-json', 'mammoth', 'pdfjs-dist/*', 'undici'],
  },
  {
    room: 'snapshot',
    changes: 'how a database from elsewhere is read',
    may: ['processing', 'store'],
    packages: ['better-sqlite3', 'zod'],
  },
  {
    room: 'log',
    changes: 'how what happened is shown and found',
    may: ['delivery', 'store', 'time', 'live-feed.ts', 'ats', 'snapshot'],
  },
  {
    room: 'incoming',
    changes: 'what is accepted',
    may: [
      'assumptions',
      'ats',
      'time',
      'ids.ts',
      'in-flight.ts',
      'live-feed.ts',
      'log',
      'settings.ts',
      'store',
    ],
  },
  {
    room: 'outgoing',
    changes: 'how a delivery comes to be and is recorded',
    may: [
      'assumptions',
      'ats',
      'time',
      'ids.ts',
      'live-feed.ts',
      'log',
      'settings.ts',
      'store',
      'delivery',
      'faults',
    ],
  },
  {
    room: 'apply-settings.ts',
    changes: 'settings of a running gateway',
    may: ['ats', 'time', 'faults', 'settings.ts', 'processing'],
  },
  {
    room: 'meetings',
    changes: 'what a meeting is made of',
    may: ['ids.ts', 'live-feed.ts', 'outgoing', 'store', 'processing'],
  },
  {
    room: 'gateway',
    changes: 'what an ATS sees',
    may: ['incoming', 'faults', 'http', 'assumptions', 'ats', 'time', 'store'],
    packages: ['busboy', 'express', 'file-type', 'lossless-json', 'strtok3', 'zod'],
  },
  {
    room: 'state',
    changes: 'the content as a whole: snapshot, reset, retention',
    may: [
      'assumptions',
      'ats',
      'outgoing',
      'time',
      'delivery',
      'faults',
      'live-feed.ts',
      'settings.ts',
      'processing',
      'snapshot',
      'store',
    ],
  },
  {
    room: 'control',
    changes: 'what a developer sees',
    may: [
      'time',
      'settings.ts',
      'store',
      'live-feed.ts',
      'http',
      'incoming',
      'log',
      'ats',
      'outgoing',
      'assumptions',
      'state',
      'faults',
      'meetings',
    ],
    packages: ['express', 'zod'],
  },
  {
    room: 'in-process',
    changes: 'the published API',
    may: ['log', 'incoming', 'ats', 'control', 'outgoing', 'settings.ts', 'time', 'store'],
    exceptions: [
      {
        name: 'cli/run',
        only: 'lazy',
        why: 'scenarios are run by what the command runs them by, when one is',
      },
    ],
  },
  {
    room: 'server',
    changes: 'one listener, and a start that fails',
    may: ['http', 'processing', 'store', 'incoming', 'control', 'gateway'],
    packages: ['busboy', 'express', 'file-type'],
  },
  {
    room: 'start-emulator.ts',
    changes: 'the wiring',
    may: [
      'apply-settings.ts',
      'assumptions',
      'ats',
      'control',
      'faults',
      'in-process',
      'incoming',
      'live-feed.ts',
      'log',
      'meetings',
      'outgoing',
      'processing',
      'server',
      'settings.ts',
      'snapshot',
      'state',
      'store',
      'time',
    ],
  },
  {
    room: 'index.ts',
    changes: 'what is published',
    may: ['ats', 'in-process', 'incoming', 'settings.ts', 'start-emulator.ts', 'store', 'time'],
  },
]).map((rule) => ({ ...rule, may: [...rule.may, ...shared], packages: [NODE, ...(rule.packages ?? [])] }));

const commander = {
  name: 'commander',
  only: 'types',
  why: 'the entry loads it by need, so that light commands start fast',
};
const settings = {
  name: 'emulator/settings.ts',
  only: 'types',
  why: 'the config file becomes the options of a gateway',
};
const api = { name: 'emulator/in-process', only: 'types', why: 'what runs a gateway gets it handed' };

const cli = inside('cli', [
  {
    room: 'terminal',
    changes: 'reading and writing',
    may: [],
    packages: [commander, 'slice-ansi', 'string-width'],
  },
  { room: 'text', changes: 'how a thing reads to a person', may: ['terminal'] },
  { room: 'input', changes: 'what a flag may say', may: ['terminal', 'text'], packages: [commander] },
  { room: 'config', changes: 'the config file', may: ['terminal', 'input'], exceptions: [settings] },
  {
    room: 'tls',
    changes: 'the certificates that carvos shows',
    may: ['terminal', 'input'],
    packages: ['@peculiar/x509', 'reflect-metadata'],
  },
  { room: 'init', changes: 'the files for a test suite', may: ['terminal'] },
  {
    room: 'diff',
    changes: 'comparing two deliveries',
    may: ['text', 'terminal'],
    packages: ['jsonc-parser'],
  },
  {
    room: 'exec',
    changes: 'the command of exec',
    may: ['text', 'terminal', 'tls'],
    exceptions: [{ ...settings, why: 'a soak gives a gateway its faults' }],
    packages: ['cross-spawn'],
  },
  { room: 'events', changes: 'samples and bodies', may: ['terminal', 'text'], packages: ['uuid'] },
  {
    room: 'dev',
    changes: 'running a gateway',
    may: ['text', 'terminal', 'input', 'config', 'tls'],
    packages: ['chokidar', commander],
    exceptions: [
      settings,
      api,
      { name: 'emulator/index.ts', only: 'lazy', why: 'only dev and exec run a gateway, when they do' },
      { name: 'emulator/processing', only: 'lazy', why: 'the files of an AI module are watched' },
    ],
  },
  {
    room: 'connect',
    changes: 'finding and asking a gateway',
    may: ['config', 'terminal', 'input', 'text', 'events'],
    packages: [commander],
  },
  {
    room: 'check',
    changes: 'what `check` is asked and prints',
    may: ['config', 'terminal', 'events', 'text', 'input'],
  },
  {
    room: 'send',
    changes: 'sending as the ATS',
    may: ['connect', 'text', 'terminal', 'config', 'input', 'events'],
    packages: [commander],
  },
  {
    room: 'doctor',
    changes: 'what can be wrong with an installation',
    may: ['config', 'connect', 'terminal'],
    packages: [{ name: 'better-sqlite3', only: 'lazy', why: 'whether it loads is what is asked' }],
  },
  { room: 'report', changes: 'the report', may: ['connect', 'text', 'terminal'] },
  {
    room: 'recordings',
    changes: 'how recorded traffic is read',
    may: ['terminal'],
    packages: ['yaml'],
  },
  {
    room: 'facts',
    changes: 'what recorded traffic says of an assumption',
    may: ['recordings'],
  },
  {
    room: 'signatures',
    changes: 'what is said of a signature',
    may: ['connect', 'text', 'terminal', 'config', 'recordings'],
    packages: [commander],
  },
  {
    room: 'portal',
    changes: "the portal's functions",
    may: ['connect', 'text', 'terminal', 'config'],
    packages: [commander],
  },
  {
    room: 'inspect',
    changes: 'the screen',
    may: ['events', 'text', 'input', 'terminal', 'connect', 'send', 'config'],
    packages: ['ink', 'react'],
    exceptions: [
      { name: 'emulator/log', only: 'lazy', why: '`inspect --db` reads a file without a gateway' },
    ],
  },
  {
    room: 'run',
    changes: 'scenarios',
    may: ['config', 'connect', 'dev', 'events', 'exec', 'input', 'send', 'terminal', 'text'],
    packages: ['yaml'],
  },
  {
    room: 'mcp',
    changes: 'the tools of an assistant',
    may: ['config', 'connect', 'input', 'run', 'send', 'terminal', 'text'],
    packages: ['@modelcontextprotocol/sdk/*'],
  },
  {
    room: 'commands',
    changes: 'the words of one command',
    may: [
      'check',
      'config',
      'connect',
      'dev',
      'diff',
      'doctor',
      'events',
      'exec',
      'facts',
      'init',
      'input',
      'inspect',
      'mcp',
      'portal',
      'recordings',
      'report',
      'run',
      'send',
      'signatures',
      'terminal',
      'text',
      'tls',
    ],
    packages: [commander, { name: 'open', only: 'lazy', why: 'only `open` starts a browser' }],
    exceptions: [api],
  },
  {
    room: 'command-line',
    changes: 'parsing and help',
    may: ['commands', 'terminal', 'input'],
    packages: [commander, { name: 'commander', only: 'lazy', why: commander.why }],
  },
  {
    room: 'completion',
    changes: 'scripts for the shells',
    may: ['command-line', 'commands', 'terminal', 'input'],
    packages: [commander],
  },
  { room: 'main.ts', changes: 'the entry', may: ['command-line', 'commands', 'terminal'] },
]).map((rule) => ({
  ...rule,
  may: [...rule.may, ...shared, 'client/'],
  packages: [NODE, 'zod', ...(rule.packages ?? [])],
}));

/** Rooms from the ground up: `{ room, changes, may, packages, exceptions? }`; `changes` is the one reason to change it. */
export const ROOMS = [
  {
    room: 'signing',
    changes: 'how bytes are signed, verified and diagnosed',
    may: [],
    packages: ['node:crypto', 'node:zlib'],
  },
  {
    room: 'contract',
    changes: 'what is on the wire',
    may: [],
    packages: ['zod', 'lossless-json', 'jsonc-parser', 'node:vm'],
  },
  { room: 'globals.d.ts', changes: 'what the build defines', may: [], packages: [] },
  {
    room: 'files',
    changes: 'how files are found and written, and carvos starts itself',
    may: [],
    packages: [NODE],
  },
  {
    room: 'transport',
    changes: 'how bytes go over HTTP: names, interim answers, kept bytes',
    may: ['files'],
    packages: [NODE],
  },
  {
    room: 'client',
    changes: 'speaking to a gateway or receiver',
    may: shared,
    packages: [NODE, 'eventsource-parser'],
  },
  ...emulator,
  ...cli,
  {
    room: 'one-file',
    changes: 'the program that needs no Node',
    may: ['files', 'transport', 'emulator/snapshot', 'cli/main.ts'],
    packages: [NODE],
  },
  {
    room: 'portal',
    changes: 'the page for browsers',
    // The page says a thing in the words of the terminal, with its commands as it was called (`files`), shows text as
    // safely, and begins with the same samples.
    may: ['contract', 'signing', 'client', 'files', 'cli/text', 'cli/terminal', 'cli/events'],
    packages: ['react', 'react-dom/*', 'eventsource-parser'],
  },
].map((rule) => ({ ...rule, may: rule.may.map((name) => name.replace(/\/$/, '')) }));
