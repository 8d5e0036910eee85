import { peerId, spiffeId, type CertificateFiles } from '@holdfast/security';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from 'node:https';
import type { Server, TLSSocket } from 'node:tls';
import { instanceOf } from './problem/send-problem.js';
import { forbidden } from './problem/problems.js';

/** HTTPS between processes: this one shows who it is, and demands the same of who calls. */
export interface MutualTls {
  files: CertificateFiles;
  /** Names of the processes that may call, such as `gateway`. */
  clients: readonly string[];
}

/**
 * A certificate is asked for and not insisted on: an orchestrator's probes have none. {@link demandClients} insists.
 */
export function tlsServerOptions({ files }: MutualTls): ServerOptions {
  return { ...files.current, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' };
}

/**
 * Refuses everything but probes to whoever shows no certificate of an allowed process, and serves renewed certificates to
 * new connections; those that are open go on.
 *
 * @param exempt paths that anybody may ask
 */
export function demandClients(
  fastify: FastifyInstance,
  { files, clients }: MutualTls,
  exempt: ReadonlySet<string>,
): void {
  const allowed = new Set(clients.map(spiffeId));
  const known = new WeakSet<object>(); // a connection's certificate does not change
  fastify.addHook('onRequest', (request, _reply, done) => {
    const socket = request.raw.socket as TLSSocket;
    if (known.has(socket) || exempt.has(instanceOf(request.raw.url))) return done();
    const id = peerId(socket);
    if (id === undefined || !allowed.has(id)) {
      const who = id ?? `a caller without a certificate of this shop's authority`;
      return done(forbidden({ detail: `This process answers ${clients.join(', ')} only, not ${who}.` }));
    }
    known.add(socket);
    done();
  });
  const server = fastify.server as unknown as Server;
  files.onChange((renewed) => server.setSecureContext({ ...renewed, minVersion: 'TLSv1.3' }));
  fastify.addHook('onClose', (_instance, done) => {
    files.close();
    done();
  });
}
