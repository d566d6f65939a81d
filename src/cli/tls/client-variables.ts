import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BUNDLE_FILE, CA_FILE } from './local-authority.ts';

/** Environment variables by which clients come to trust a gateway's certificate. */
export interface ClientVariables {
  CARVOS_CA_FILE: string;
  /** Node takes it in addition. */
  NODE_EXTRA_CA_CERTS: string;
  /** OpenSSL, so also Python's ssl, PHP's streams, Ruby, Go and .NET on Linux: instead of the system's. */
  SSL_CERT_FILE?: string;
  /** curl, which prefers it to the one above. */
  CURL_CA_BUNDLE?: string;
  /** Python requests: instead of its own. */
  REQUESTS_CA_BUNDLE?: string;
}

/**
 * Those that name one file for everything get the local authority beside all that is trusted anyway.
 *
 * @param env where the user may have set some of them: what they name is in the bundle too.
 */
export function clientVariables(
  caFile: string,
  env: Readonly<Record<string, string | undefined>>,
): ClientVariables {
  const bundle = join(dirname(caFile), BUNDLE_FILE);
  const own = { CARVOS_CA_FILE: caFile, NODE_EXTRA_CA_CERTS: caFile };
  // One that the user brought stands alone.
  if (basename(caFile) !== CA_FILE || !existsSync(bundle)) return own;
  return {
    ...own,
    ...(env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: bundle }),
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
  };
}

/** What programs want to hear that read none of them, a line each. */
export function clientNotes(caFile: string): string[] {
  const store = join(dirname(caFile), 'ca.p12');
  return [
    `Java: keytool -importcert -noprompt -alias carvos -file '${caFile}' -keystore '${store}' -storetype PKCS12 -storepass changeit`,
    `      java -Djavax.net.ssl.trustStore='${store}' -Djavax.net.ssl.trustStorePassword=changeit …`,
    `PHP:  php -d openssl.cafile='${caFile}' -d curl.cainfo='${caFile}' …`,
    '.NET: reads SSL_CERT_FILE on Linux; elsewhere add the file to the trusted roots of the user',
  ];
}
