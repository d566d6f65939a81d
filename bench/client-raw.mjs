// POSTs to a receiver as fast as undici can, the requests that the gateway sends, and stores nothing. argv: URL.
import { Pool } from 'undici';
import { BODY } from './delivery.mjs';

const [url] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const headers = {
  'Content-Type': 'application/json',
  'User-Agent': 'raw-loop/1.0',
  'X-Carv-Event': 'candidate.created',
  'X-Carv-Causation-ID': '0193564e-7c00-7000-8000-000000000000',
  'X-Webhook-Signature': `t=1700000000,v1=${'0'.repeat(64)}`,
};

process.send({ ready: true });
process.on('message', async ({ count }) => {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  let left = count;
  const loop = async () => {
    while (left-- > 0) {
      const { body } = await pool.request({ path: pathname, method: 'POST', headers, body: BODY });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: 64 }, loop));
});
