import { describe, expect, test } from 'vitest';
import { startChild } from '../../../src/cli/exec/run-child.ts';
import { isListening } from '../../../src/transport/is-listening.ts';
import { freePort } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

/** Listens, ignores SIGTERM, and ends its first thread alone: from then on the system calls it a zombie. */
const ZOMBIE = `
import ctypes, platform, signal, socket, sys, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
threading.Thread(target=threading.Event().wait).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
`;

describe.skipIf(process.platform !== 'linux' || !havePrograms('zombies with threads', 'python3'))(
  'a process group',
  () => {
    test('is ended with a process whose first thread has ended already, port and all', async () => {
      const port = await freePort();
      const url = new URL(`http://127.0.0.1:${port}`);
      const child = startChild(['python3', '-c', ZOMBIE, String(port)], {
        cwd: '/',
        env: process.env,
        output: 'error',
        onFailure: (message) => expect.unreachable(message),
      });
      await expect.poll(() => isListening(url)).toBe(true);
      await child.endTree();
      expect(await isListening(url)).toBe(false);
      expect(await child.ended).toBe(128 + 9);
    });
  },
);
