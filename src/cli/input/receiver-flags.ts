import type { Command } from 'commander';
import { suggest } from './flags.ts';

/** How a receiver is reached, on the command line. */
export interface ReceiverFlags {
  receiverCa?: string;
  insecureReceiver?: boolean;
  proxy?: boolean;
}

/** For the commands that reach receivers by themselves. */
export function addProxyFlag(command: Command): Command {
  return command.option('--proxy', 'go through the proxy that HTTPS_PROXY or HTTP_PROXY names');
}

/** Those flags, the same for every command that reaches a receiver. */
export function addReceiverFlags(command: Command): Command {
  return command
    .option(
      '--receiver-ca <file>',
      'trust the certificates in this PEM file too, or those of the system’s store',
      suggest(['system']),
    )
    .option('--insecure-receiver', 'accept any certificate from a receiver at a loopback or private address');
}
