import type { ServerResponse } from 'node:http';
import { serveHttp, unusedUrl } from './receiver.ts';

/** Ways a receiver can be bad for everybody else. */
export type Badness = 'hangs' | 'refuses' | 'gigabyte' | 'drips';

export interface BadReceiver {
  url: string;
  /** Requests that came and have not ended. */
  open(): number;
  /** Requests that came. */
  seen(): number;
}

/** Starts a receiver that misbehaves in one way; closed when the test ends. */
export async function startBadReceiver(kind: Badness): Promise<BadReceiver> {
  if (kind === 'refuses') return { url: `${await unusedUrl()}/webhooks`, open: () => 0, seen: () => 0 };
  let open = 0;
  let seen = 0;
  const { url } = await serveHttp((request, response) => {
    open++;
    seen++;
    response.on('close', () => open--);
    request.resume().on('end', () => {
      if (kind === 'drips') drip(response);
      if (kind === 'gigabyte') flood(response);
    });
  });
  return { url: `${url}/webhooks`, open: () => open, seen: () => seen };
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('.'), 100);
  response.on('close', () => clearInterval(timer));
}

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** A whole gigabyte, as fast as it is taken. */
function flood(response: ServerResponse): void {
  let left = 1024 ** 3;
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= CHUNK.length;
      if (!response.write(CHUNK)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
