import { X509Certificate } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createDraft, removeAbandonedDrafts, replaceFile } from '../../files/draft-file.ts';
import {
  listPublicAuthorities,
  listSystemAuthorities,
  readCertificates,
  splitPem,
} from '../../transport/authorities.ts';
import type { KeyPair } from './make-certificates.ts';

const DAY_MS = 24 * 3_600_000;
const AUTHORITY_MS = 1825 * DAY_MS;
/** What a client that follows the rules of browsers takes: at most 398 days. */
const SERVER_MS = 397 * DAY_MS;

/** Below a project's folder: readable by its owner only, since it holds the authority's key. */
export const TLS_FOLDER = join('.carvos', 'tls');
/** What clients are to trust. */
export const CA_FILE = 'ca.pem';
/** The same, and the authorities of this machine: for clients that can be told of one file only. */
export const BUNDLE_FILE = 'ca-bundle.pem';
/** Certificate and key in one file, so that they always fit each other. */
const AUTHORITY_FILE = 'authority.pem';

/**
 * A fresh certificate for a listener, signed by the project's own authority, which is made where there is none, and
 * anew before it ends.
 *
 * @param names DNS names and IP addresses.
 * @throws the file system's error.
 */
export async function issueCertificate(
  projectFolder: string,
  names: readonly string[],
): Promise<KeyPair & { caFile: string }> {
  const { makeServerCertificate } = await import('./make-certificates.ts');
  const folder = join(projectFolder, TLS_FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700); // it may have existed with wider rights
  const authority = await loadAuthority(folder);
  const made = await makeServerCertificate(authority, names, SERVER_MS);
  const caFile = join(folder, CA_FILE);
  writeWhereOther(join(folder, '.gitignore'), '*\n');
  writeWhereOther(caFile, authority.cert);
  const all = new Set([...listTrusted(), authority.cert].map((pem) => pem.trim()));
  writeWhereOther(join(folder, BUNDLE_FILE), `${[...all].join('\n')}\n`);
  return { ...made, caFile };
}

/** By which a user may have told programs what to trust; each replaces the system's store. */
const TOLD_BY = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];

function listTrusted(): string[] {
  const told = TOLD_BY.flatMap((name) => readCertificates(process.env[name] ?? ''));
  return [...(listSystemAuthorities() ?? listPublicAuthorities()), ...told];
}

async function loadAuthority(folder: string): Promise<KeyPair> {
  const file = join(folder, AUTHORITY_FILE);
  const present = readAuthority(file);
  if (present !== null) return present;
  const unusable = readText(file);
  const { makeAuthority } = await import('./make-certificates.ts');
  const name = `carvos on ${hostname()
    .replace(/[^\w.-]/g, '')
    .slice(0, 40)}`;
  const made = await makeAuthority(name, AUTHORITY_MS);
  removeAbandonedDrafts(file);
  // Of several that start at once, all have to sign by the first one's.
  if (unusable === null ? createFile(file, made.key + made.cert) : readText(file) === unusable) {
    if (unusable !== null) replaceFile(file, made.key + made.cert);
    return made;
  }
  return readAuthority(file) ?? made;
}

/** `null` where there is none, or it cannot be read, or would end before a certificate that it signs today. */
function readAuthority(file: string): KeyPair | null {
  const text = readText(file) ?? '';
  const [cert] = splitPem(text);
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text)?.[0];
  if (cert === undefined || key === undefined) return null;
  try {
    const ends = Date.parse(new X509Certificate(cert).validTo);
    return ends - Date.now() > SERVER_MS ? { cert: `${cert}\n`, key } : null;
  } catch {
    return null;
  }
}

/** Whole or not at all, and only where there is none. @returns whether it was made. */
function createFile(file: string, text: string): boolean {
  const draft = createDraft(file);
  try {
    writeFileSync(draft.path, text, { flag: 'r+' });
    linkSync(draft.path, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    draft.dispose();
  }
}

function writeWhereOther(file: string, text: string): void {
  if (readText(file) !== text) replaceFile(file, text);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
