import type { Elsewhere } from '../../../scripts/topology/start-topology.mjs';
import type { NetworkNamespace } from './network-namespace.js';
import { WireProxy } from './wire-proxy.js';

/**
 * Runs some processes of a topology in a network of their own. They talk to NATS over its cable; PostgreSQL and those who call
 * them stay on loopback, and wires that nobody breaks lead from there to here.
 */
export class Apart implements AsyncDisposable {
  private readonly wires = new Map<number, WireProxy>();

  /** @param names of the processes */
  constructor(
    private readonly names: RegExp,
    private readonly namespace: NetworkNamespace,
  ) {}

  /** This machine, as they see it: where NATS has to listen. */
  get outside(): string {
    return this.namespace.outside;
  }

  readonly elsewhere: Elsewhere = ({ name, port }, given) => {
    if (!this.names.test(name)) return undefined;
    const { inside, outside, within } = this.namespace;
    this.lay(port, { host: '127.0.0.1', to: inside });
    const databases = Object.entries(given).filter(([variable, url]) => variable.endsWith('_DATABASE_URL') && url);
    const moved = databases.map(([variable, text]) => {
      const url = new URL(text);
      this.lay(Number(url.port), { host: outside, to: url.hostname });
      url.hostname = outside;
      return [variable, url.href];
    });
    const own = { HOST: inside, DISCOVERY_ADVERTISE: `https://127.0.0.1:${port}` };
    return { within, env: { ...given, ...own, ...Object.fromEntries(moved) } };
  };

  /** The port in there from which a connection came that goes on from this one. */
  origin(port: number): number | undefined {
    return [...this.wires.values()].map((wire) => wire.origin(port)).find((found) => found !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.wires.values()].map((wire) => wire.stop()));
  }

  private lay(port: number, { host, to }: { host: string; to: string }): void {
    if (this.wires.has(port)) return;
    this.wires.set(port, WireProxy.open({ from: { host, port }, to: () => ({ host: to, port }) }));
  }
}
