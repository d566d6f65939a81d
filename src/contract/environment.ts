import { CONTROL_PREFIX } from './control/calls.ts';

/** An environment variable that carvos reads or sets. */
export interface EnvironmentVariable {
  name: string;
  readBy: string;
  what: string;
}

/** Every environment variable of carvos. A test compares it with the names in the code. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  {
    name: 'CARVOS_API_KEY',
    readBy: 'all commands',
    what: 'The API key of the ATS, or of the one that `--ats-id` selects.',
  },
  {
    name: 'CARVOS_INCOMING_SECRET',
    readBy: 'all commands',
    what: 'The secret that signs what the ATS sends to CarvOS.',
  },
  {
    name: 'CARVOS_OUTGOING_SECRET',
    readBy: 'all commands, your receiver',
    what: 'The secret that signs what CarvOS sends to the ATS.',
  },
  {
    name: 'CARVOS_AI_SECRET',
    readBy: '`dev`, `exec`, `run`',
    what: 'The secret that signs jobs for an AI service of yours.',
  },
  {
    name: 'CARVOS_URL',
    readBy: 'commands that ask a gateway',
    what: 'Where the gateway is: a URL such as `http://127.0.0.1:4010`, `host:port`, or a port. `exec` sets it, to a URL, for its command.',
  },
  {
    name: 'CARVOS_CA_FILE',
    readBy: 'commands that ask a gateway, your programs',
    what: 'What a client has to trust where the gateway speaks HTTPS: a PEM file; one that `.env` names lies beside it. `exec` and `env` print it.',
  },
  {
    name: 'CARVOS_CONTROL_TOKEN',
    readBy: '`dev`, and commands that ask a gateway',
    what: 'The token of the control API. `dev` takes a random one where it is not set; `exec` sets it.',
  },
  {
    name: 'CARVOS_CONTROL_URL',
    readBy: 'your tests',
    what: 'The control API of the gateway that `exec` runs.',
  },
  {
    name: 'CARVOS_CACHE_DIR',
    readBy: 'the program without Node',
    what: "Where it keeps the database's library, instead of the user's cache folder.",
  },
  {
    name: 'CARVOS_ATS_ID',
    readBy: 'all commands, your tests',
    what: 'The ATS that is meant where there are several, instead of `--ats-id`. `exec` sets it for its command, `env` prints it.',
  },
];

export interface AtsIdentity {
  id: string;
  apiKey: string;
  incomingSecret: string;
  outgoingSecret: string;
}

/** What a process beside a gateway needs to know of it: one under test, or a command that a scenario runs. */
export function environmentOf(gateway: { url: string; controlToken: string }, ats: AtsIdentity) {
  return {
    CARVOS_URL: gateway.url,
    CARVOS_ATS_ID: ats.id,
    CARVOS_API_KEY: ats.apiKey,
    CARVOS_INCOMING_SECRET: ats.incomingSecret,
    CARVOS_OUTGOING_SECRET: ats.outgoingSecret,
    CARVOS_CONTROL_URL: `${gateway.url}${CONTROL_PREFIX}`,
    CARVOS_CONTROL_TOKEN: gateway.controlToken,
  };
}
