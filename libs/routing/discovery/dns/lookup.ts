import { isIPv6 } from 'node:net';
import type { Resolver } from 'node:dns/promises';
import type { Instance } from '../registry.js';

/** The part of Node's resolver that is used, so that a test may bring its own server (`Resolver.setServers`). */
export type DnsResolver = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv'>;

/** How services are named in DNS. */
export interface DnsNames {
  /** Name of a service, with `{service}` in it: `{service}.post.svc.cluster.local`, `_http._tcp.{service}.…` for SRV. */
  name: string;
  /** `a` asks for addresses (A and AAAA) and takes `port`; `srv` takes ports from the records. Default `a`. */
  record?: 'a' | 'srv';
  /** Port of every instance found by address; default 3000. */
  port?: number;
  /** Default `http`. */
  scheme?: 'http' | 'https';
}

/** The name is known to have no such record, which is an answer; anything else is a fault of DNS. */
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA']);
const FAMILIES = ['A', 'AAAA'];

/** Whom to ask, and what is known of how it answers. */
export interface DnsSource {
  resolver: DnsResolver;
  /** Kinds of addresses and names for which there ever was an answer, such as `A toys.example`; grows with every answer. */
  answered: Set<string>;
}

/** @throws Error when DNS could not be asked, or not for all that it usually tells */
export async function lookUp(source: DnsSource, service: string, names: DnsNames): Promise<Instance[]> {
  const { name, record = 'a', port = 3_000, scheme = 'http' } = names;
  const full = name.replaceAll('{service}', service);
  const places =
    record === 'srv' ? await byService(source, full) : (await byAddress(source, full)).map((host) => ({ host, port }));
  const unique = new Map(places.map((place) => [`${place.host} ${place.port}`, place]));
  return [...unique.values()].map((place) => ({
    service,
    id: `${place.host}-${place.port}`.replaceAll(/[^\w-]/g, '-'),
    url: `${scheme}://${isIPv6(place.host) ? `[${place.host}]` : place.host}:${place.port}`,
  }));
}

/**
 * Both families at once. One that is not answered would be missing from the list; it may be only where it never was
 * answered, since some servers fail whenever they are asked for AAAA.
 */
async function byAddress({ resolver, answered }: DnsSource, name: string): Promise<string[]> {
  const families = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)].map(orNothing));
  for (const [index, family] of families.entries()) {
    const question = `${FAMILIES[index]} ${name}`;
    if (family.status === 'fulfilled') answered.add(question);
    else if (answered.has(question)) throw family.reason;
  }
  const found = families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []));
  const failed = families.find(({ status }) => status === 'rejected');
  if (found.length === 0 && failed?.status === 'rejected') throw failed.reason;
  return found.sort();
}

/** The records of the best priority (RFC 2782); weights are left to the balancer, which sees who has how much to do. */
async function byService(source: DnsSource, name: string): Promise<{ host: string; port: number }[]> {
  const records = await orNothing(source.resolver.resolveSrv(name));
  const best = Math.min(...records.map(({ priority }) => priority));
  const chosen = records.filter(({ priority }) => priority === best);
  const places = chosen.map(async ({ name: host, port }) =>
    (await byAddress(source, host)).map((address) => ({ host: address, port })),
  );
  return (await Promise.all(places)).flat();
}

async function orNothing<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    if (NOTHING_THERE.has(String((error as NodeJS.ErrnoException).code))) return [];
    throw error;
  }
}
