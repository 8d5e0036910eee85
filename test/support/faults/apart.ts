import type { Elsewhere } from '../../../scripts/topology/start-topology.mjs';
import type { NatsServer } from '../nats-server.js';
import type { NetworkNamespace } from './network-namespace.js';
import { WireProxy } from './wire-proxy.js';

/**
 * Runs one process of a topology in a network of its own. It talks to NATS directly, over the cable; PostgreSQL and those who
 * call it stay on loopback, and wires that nobody breaks lead from there to here.
 */
export class Apart implements AsyncDisposable {
  private readonly wires = new Map<number, WireProxy>();

  constructor(
    private readonly name: string,
    private readonly namespace: NetworkNamespace,
    private readonly nats: NatsServer,
  ) {}

  readonly elsewhere: Elsewhere = ({ name, port }, given) => {
    if (name !== this.name) return undefined;
    const { inside, outside, within } = this.namespace;
    this.lay(port, { host: '127.0.0.1', to: inside });
    const databases = Object.entries(given).filter(([variable, url]) => variable.endsWith('_DATABASE_URL') && url);
    const moved = databases.map(([variable, text]) => {
      const url = new URL(text);
      this.lay(Number(url.port), { host: outside, to: url.hostname });
      url.hostname = outside;
      return [variable, url.href];
    });
    const own = { HOST: inside, DISCOVERY_ADVERTISE: `https://127.0.0.1:${port}`, NATS_URL: this.nats.url };
    return { within, env: { ...given, ...own, ...Object.fromEntries(moved) } };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.wires.values()].map((wire) => wire.stop()));
  }

  private lay(port: number, { host, to }: { host: string; to: string }): void {
    if (this.wires.has(port)) return;
    this.wires.set(port, WireProxy.open({ from: { host, port }, to: () => ({ host: to, port }) }));
  }
}
