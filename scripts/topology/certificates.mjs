// Certificates of the processes on this machine: an authority made at first start under DATA_DIR/authority, and one
// certificate per process in DATA_DIR/tls/<process>, renewed while this runs.
import path from 'node:path';
import { root } from '../launch/app.mjs';

/** Half of what the authority gives a certificate to live. */
const RENEWED_EVERY_MS = 12 * 3_600_000;

/**
 * @param {object} options
 * @param {string} options.dataDir
 * @param {string[]} options.names of the processes
 * @param {(text: string) => void} [options.log]
 * @param {() => void} [options.renewed] called after each renewal
 * @returns {Promise<{ caFile: string, pathsOf(name: string): { certFile: string, keyFile: string, caFile: string },
 *   renew(): Promise<void>, stop(): Promise<void> }>}
 */
export async function startCertificates({ dataDir, names, log = () => {}, renewed = () => {} }) {
  const { LocalAuthority, certificatePaths } = await import(
    path.join(root, 'dist/libs/security/certificates/local-authority.js')
  );
  const authority = await LocalAuthority.in(path.join(dataDir, 'authority'));
  const folderOf = (name) => path.join(dataDir, 'tls', name);
  const issue = () => Promise.all(names.map((name) => authority.issueTo(folderOf(name), { name })));
  const renew = async () => {
    await issue();
    renewed();
  };
  await issue();
  const timer = setInterval(
    () => renew().catch((error) => log(`certificates could not be renewed: ${error.message}`)),
    RENEWED_EVERY_MS,
  ).unref();
  return {
    caFile: path.join(dataDir, 'authority', 'ca.crt'),
    pathsOf: (name) => certificatePaths(folderOf(name)),
    renew,
    stop: async () => clearInterval(timer),
  };
}

/** The settings by which a process finds its certificate. */
export const tlsSettings = ({ certFile, keyFile, caFile }) => ({
  TLS_CERT_FILE: certFile,
  TLS_KEY_FILE: keyFile,
  TLS_CA_FILE: caFile,
});
