// A gateway on a file database. argv: bundle, database, webhook URL or '', overrides as JSON.
import { pathToFileURL } from 'node:url';
import { emulatorOptions } from './support.mjs';

const [bundle, database, webhookUrl, overrides] = process.argv.slice(2);
const { startEmulator } = await import(pathToFileURL(bundle).href);
const emulator = await startEmulator(emulatorOptions(webhookUrl || null, database, JSON.parse(overrides)));
process.send({ url: emulator.url, token: emulator.controlToken });
