import { fileURLToPath } from 'node:url';
import { type Program, spawnProgram } from './program.ts';

const SCRIPT = fileURLToPath(new URL('../../fixtures/receivers/receiver.py', import.meta.url));

/** One request as receiver.py saw and judged it. */
export interface PythonRequest {
  /** Header names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  /** `valid`, or what is wrong with the signature. */
  verdict: string;
  status: number;
  path: string;
  /** Unix seconds with fractions. */
  at: number;
}

export interface PythonReceiver {
  /** The webhook URL. */
  url: string;
  program: Program;
  requests(): PythonRequest[];
  /** Waits until at least this many requests came, and returns all. */
  waitForRequests(count: number, timeoutMs?: number): Promise<PythonRequest[]>;
}

/** Starts receiver.py on a free port, with an outgoing secret and, when given, a tolerance in seconds. */
export async function startPythonReceiver(
  options: { secret?: string; tolerance?: number } = {},
): Promise<PythonReceiver> {
  const args = options.tolerance === undefined ? [] : ['--tolerance', String(options.tolerance)];
  const program = spawnProgram('python3', ['-S', SCRIPT, ...args], {
    env: { PORT: '0', CARVOS_OUTGOING_SECRET: options.secret ?? 'demo-outgoing-secret' },
  });
  const [, origin] = await program.waitForText(/^\{"listening": "(http:[^"]+)"\}\n/);
  const requests = () => program.stdout.split('\n').slice(1, -1).map(parseLine);
  return {
    url: `${origin}/webhooks/carvos`,
    program,
    requests,
    waitForRequests: (count, timeoutMs) =>
      program.waitUntil(() => requests().length >= count && requests(), `${count} requests`, timeoutMs),
  };
}

function parseLine(line: string): PythonRequest {
  const { headers, body_base64, ...rest } = JSON.parse(line);
  return {
    ...rest,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body_base64, 'base64'),
  };
}
