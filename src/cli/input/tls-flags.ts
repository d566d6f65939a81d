import type { Command } from 'commander';
import { collect } from './flags.ts';

/** With which certificate a listener speaks TLS, on the command line. */
export interface TlsFlags {
  tls?: boolean;
  tlsName?: string[];
  tlsCert?: string;
  tlsKey?: string;
}

/** Those flags, the same for every command that listens. */
export function addTlsFlags(command: Command): Command {
  return command
    .option('--tls', 'speak HTTPS, with a certificate for localhost from the CA in .carvos/tls')
    .option('--tls-name <name>', 'a further name or address in that certificate; repeatable', collect)
    .option('--tls-cert <file>', 'speak HTTPS with a certificate of your own (PEM, with its chain)')
    .option('--tls-key <file>', 'its private key');
}
