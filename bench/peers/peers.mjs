// What users would take instead of carvos, and which versions are measured. The only place that names them.

/**
 * Exact versions that run on Node 20. Prism from 5.15.10 on wants Node 24, so it is the newest before; the
 * others were the newest when this was written. What they depend on is as npm finds it.
 */
export const PEERS = {
  '@stoplight/prism-cli': '5.14.2',
  '@mockoon/cli': '9.9.0',
  plainjob: '0.0.14',
  stripe: '23.1.0',
};

/** What each part needs. */
export const NEEDED = {
  post: ['@stoplight/prism-cli', '@mockoon/cli'],
  queue: ['plainjob'],
  signatures: ['stripe'],
  start: ['@stoplight/prism-cli', '@mockoon/cli'],
};
