import { readFileSync } from 'node:fs';
import { Agent, fetch, type Response } from 'undici';
import type { CertificatePaths } from '../../scripts/topology/certificates.mjs';

/** Calls a process behind a gateway as whoever has this certificate does; without one, as a stranger who trusts it. */
export class Peer {
  private readonly agent: Agent;

  constructor({ caFile, certFile, keyFile }: Partial<CertificatePaths> & { caFile: string }) {
    const own = certFile && keyFile ? { cert: readFileSync(certFile), key: readFileSync(keyFile) } : {};
    this.agent = new Agent({ connect: { ca: readFileSync(caFile), ...own } });
  }

  /** As the global one, for `Client`. */
  readonly fetch = ((url: string, options: object) =>
    fetch(url, { ...options, dispatcher: this.agent })) as unknown as typeof globalThis.fetch;

  get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url, { dispatcher: this.agent, headers });
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
