import type { CertificateFiles } from '@holdfast/security';
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls';
import { buildConnector } from 'undici';

/**
 * How a gateway connects to the processes behind it: it shows its certificate and accepts only those of its own authority.
 * A connection that is open goes on when certificates are renewed; the next one is made with the new ones.
 *
 * A certificate must be that of the address, as everywhere. Replicas are found by addresses that nobody knew when theirs was
 * issued, so it may instead name every service that the registry says is answered there.
 *
 * @param timeoutMs of making a connection
 * @param servicesAt what is answered at an origin such as `https://10.1.2.3:3000`
 */
export function upstreamConnector(
  files: CertificateFiles,
  timeoutMs: number,
  servicesAt: (origin: string) => readonly string[] = () => [],
): buildConnector.connector {
  let secureContext = createSecureContext(files.current); // once, not for every connection: it parses and checks them
  files.onChange((renewed) => (secureContext = createSecureContext(renewed)));
  return (options, callback) => {
    const origin = `${options.protocol}//${options.host}`;
    const connect = buildConnector({
      timeout: timeoutMs,
      allowH2: false,
      maxCachedSessions: 0, // one of another process would be of no use, and every connection is judged afresh
      secureContext,
      checkServerIdentity: (host: string, certificate: PeerCertificate) =>
        namesAll(servicesAt(origin), certificate) ? undefined : checkServerIdentity(host, certificate),
    });
    connect(options, callback);
  };
}

const namesAll = (services: readonly string[], certificate: PeerCertificate) =>
  services.length > 0 && services.every((service) => checkServerIdentity(service, certificate) === undefined);
