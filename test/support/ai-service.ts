import { fileURLToPath } from 'node:url';
import { type Program, spawnProgram } from './program.ts';

export const AI_SECRET = 'test-ai-secret';
const BEHAVIOURS = fileURLToPath(new URL('./ai-behaviours.py', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../fixtures/ai-service.py', import.meta.url));

export interface ServiceJob {
  job_id: string;
  attempt: number;
  event: string;
  callback_url: string;
  entity: { id: string; data: Record<string, unknown> };
  [field: string]: unknown;
}

export interface AiService {
  url: string;
  port: number;
  program: Program;
  /** Everything it printed, parsed. */
  lines(): { job?: ServiceJob; genuine?: boolean; path?: string; called?: number[]; files?: number[][] }[];
  jobs(): ServiceJob[];
}

/** An AI backend in a process of its own: it answers as the candidate's last name says; or the example of fixtures/. */
export async function startAiService(
  options: { port?: number; example?: boolean; secret?: string } = {},
): Promise<AiService> {
  const program = spawnProgram('python3', ['-S', options.example ? EXAMPLE : BEHAVIOURS], {
    env: { PORT: String(options.port ?? 0), CARVOS_AI_SECRET: options.secret ?? AI_SECRET },
  });
  const [, url] = await program.waitForText(/^\{"listening": "(http:[^"]+)"\}\n/);
  const lines = () =>
    program.stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line));
  return {
    url: `${url}/jobs`,
    port: Number(new URL(url!).port),
    program,
    lines,
    jobs: () => lines().flatMap(({ job }) => (job ? [job] : [])),
  };
}
