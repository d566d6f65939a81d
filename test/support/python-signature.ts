import { execFileSync } from 'node:child_process';

const PROGRAM = `
import hashlib, hmac, sys
secret, timestamp = sys.argv[1].encode(), sys.argv[2]
print(hmac.new(secret, timestamp.encode() + b"." + sys.stdin.buffer.read(), hashlib.sha256).hexdigest())
`;

/** The signature header as Python's own hmac computes it: an oracle that shares no code with ours. */
export function pythonSignature(body: Uint8Array, secret: string, timestamp: number): string {
  // -S: no packages, which Python takes longer to look for than all of this.
  const hex = execFileSync('python3', ['-I', '-S', '-c', PROGRAM, secret, String(timestamp)], {
    input: body,
    encoding: 'utf8',
  });
  return `t=${timestamp},v1=${hex.trim()}`;
}

/** Whether a header is what Python computes for this body. */
export function pythonAccepts(body: Uint8Array, secret: string, header: string): boolean {
  const timestamp = Number(/t=(\d+)/.exec(header)?.[1]);
  return header === pythonSignature(body, secret, timestamp);
}
