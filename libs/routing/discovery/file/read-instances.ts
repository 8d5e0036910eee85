import type { Instance } from '../registry.js';

/** What is wrong with a list of instances, one line per fault. */
export class InvalidInstances extends Error {
  override readonly name = 'InvalidInstances';
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads a list of instances by service: an address each, or an object when there is more to say.
 *
 * @throws InvalidInstances naming everything that is wrong
 * @example readInstances('{"letters":["http://127.0.0.1:4001",{"url":"http://127.0.0.1:4002","draining":true}]}')
 */
export function readInstances(text: string): ReadonlyMap<string, readonly Instance[]> {
  const entries = Object.entries(parsed(text)).map(([service, list]) => [service, [list].flat() as unknown[]] as const);
  const faults = entries.flatMap(([service, list]) =>
    list.filter((one) => !isOrigin(urlOf(one))).map((one) => notAnAddress(service, urlOf(one))),
  );
  if (faults.length > 0) throw new InvalidInstances(faults);
  return new Map(entries.map(([service, list]) => [service, list.map((one) => instanceOf(service, one))]));
}

function parsed(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new InvalidInstances(['not a JSON object of service: [addresses]']);
}

const urlOf = (one: unknown): unknown =>
  typeof one === 'object' && one !== null ? (one as Record<string, unknown>).url : one;

function instanceOf(service: string, one: unknown): Instance {
  const url = new URL(String(urlOf(one)));
  const { id, process, draining } = (typeof one === 'object' ? one : {}) as Record<string, unknown>;
  return {
    service,
    id: typeof id === 'string' ? id : url.host.replaceAll(/[^\w-]/g, '-'),
    url: url.origin,
    ...(typeof process === 'string' && { process }),
    ...(draining === true && { draining }),
  };
}

function isOrigin(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, pathname, search, username } = new URL(url);
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && username === '';
}

const notAnAddress = (service: string, url: unknown) =>
  `${service}: ${JSON.stringify(url)} is not an address such as http://127.0.0.1:4001`;
