import type { TLSSocket } from 'node:tls';

/** Everything of one shop is of one trust domain. */
const TRUST_DOMAIN = 'holdfast.local';

/**
 * Who a process is, as its certificate says it: a URI as in SPIFFE, so that a mesh's certificates look the same.
 *
 * @example spiffeId('orders') // 'spiffe://holdfast.local/orders'
 */
export function spiffeId(name: string): string {
  return `spiffe://${TRUST_DOMAIN}/${name}`;
}

/**
 * Who is at the other end of a connection, if its certificate was signed by an authority that this end trusts.
 *
 * @returns its SPIFFE id; undefined without a certificate, with a foreign one, or with one that names nobody
 */
export function peerId(socket: Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>): string | undefined {
  if (!socket.authorized) return undefined;
  const names = socket.getPeerX509Certificate()?.subjectAltName ?? '';
  const ids = names.split(', ').filter((name) => name.startsWith('URI:spiffe://'));
  return ids.length === 1 ? ids[0]!.slice('URI:'.length) : undefined; // a certificate of two identities is of neither
}
