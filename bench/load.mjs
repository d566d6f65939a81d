// The one load generator: prepared requests over a fixed number of connections.
import { Pool } from 'undici';

export const CONNECTIONS = 64;

/** Sends each request once. Whatever is not answered 202, or not at all, is not counted as `ok`. */
export async function load(url, path, prepared) {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  let next = 0;
  let ok = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < prepared.length) {
        try {
          const { statusCode, body } = await pool.request({ path, method: 'POST', ...prepared[next++] });
          await body.dump();
          if (statusCode === 202) ok++;
        } catch {
          // Not answered.
        }
      }
    }),
  );
  const perSecond = (prepared.length / (performance.now() - from)) * 1000;
  await pool.close();
  return { perSecond, ok };
}
