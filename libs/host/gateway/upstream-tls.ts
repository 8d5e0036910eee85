import type { CertificateFiles } from '@holdfast/security';
import { buildConnector } from 'undici';

/**
 * How a gateway connects to the processes behind it: it shows its certificate and accepts only those of its own authority.
 * A connection that is open goes on when certificates are renewed; the next one is made with the new ones.
 *
 * @param timeoutMs of making a connection
 */
export function upstreamConnector(files: CertificateFiles, timeoutMs: number): buildConnector.connector {
  const connectWith = (): buildConnector.connector =>
    // No resumed sessions: one of another process would be of no use, and every connection is judged afresh.
    buildConnector({ timeout: timeoutMs, allowH2: false, maxCachedSessions: 0, ...files.current });
  let connect = connectWith();
  files.onChange(() => (connect = connectWith()));
  return (options, callback) => connect(options, callback);
}
