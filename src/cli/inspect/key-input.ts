import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createKeyFilter } from './key-filter.ts';

/**
 * The keys of a terminal, filtered.
 *
 * @param onPaste is given pasted text; what it returns is taken as if it had been typed.
 */
export function createKeyInput(stdin: NodeJS.ReadStream, onPaste: (text: string) => string) {
  const through = new PassThrough();
  const decoder = new StringDecoder('utf8');
  const write = (text: string) => void through.write(text);
  const filter = createKeyFilter(write, (text) => write(onPaste(text)));
  const onData = (chunk: Buffer | string) => filter(typeof chunk === 'string' ? chunk : decoder.write(chunk));
  stdin.on('data', onData);
  // As much of a terminal as Ink asks of one.
  const stream = Object.assign(through, {
    isTTY: stdin.isTTY,
    setRawMode: (raw: boolean) => stdin.setRawMode(raw),
    ref: () => stdin.ref(),
    unref: () => stdin.unref(),
  });
  return {
    stream: stream as unknown as NodeJS.ReadStream,
    close() {
      stdin.off('data', onData);
      stdin.pause();
      through.destroy();
    },
  };
}
