import { loadConfig } from '@holdfast/configuration';
import { discoveryConfig } from './discovery.config.js';
import { openRegistry } from './open-registry.js';

describe('opening the registry that DISCOVERY names', () => {
  const open = (environment: Record<string, string>, natsUrl?: string) =>
    openRegistry({
      settings: loadConfig([discoveryConfig], environment).get(discoveryConfig),
      name: 'gateway',
      nats: natsUrl ? { url: natsUrl } : undefined,
      required: ['toys'],
      failed: () => {},
    });

  it.each<[Record<string, string>, RegExp]>([
    [{}, /HOLDFAST_TARGETS is not set/],
    [{ HOLDFAST_TARGETS: '/no/such/file' }, /HOLDFAST_TARGETS:\n {2}- \/no\/such\/file cannot be read/],
    [{ HOLDFAST_TARGETS: '{"toys":["here"],"games":[]}' }, /toys: "here" is not an address/],
    [{ HOLDFAST_TARGETS: '{"games":[]}' }, /nobody answers for toys/],
    [{ DISCOVERY: 'nats' }, /DISCOVERY=nats needs NATS_URL/],
    [{ DISCOVERY: 'etcd' }, /DISCOVERY/],
    [{ DISCOVERY: 'nats', NATS_URL: 'nats://127.0.0.1:1', DISCOVERY_TTL_MS: '2000' }, /DISCOVERY_TTL_MS \(2000\)/],
  ])('says what is wrong with %j and how to mend it', (environment, message) => {
    expect(() => open(environment, environment.NATS_URL)).toThrow(message);
  });

  it.each([
    ['file', { HOLDFAST_TARGETS: '{"toys":"http://127.0.0.1:4001"}' }],
    ['dns', { DISCOVERY: 'dns', DISCOVERY_DNS_NAME: '{service}.invalid', DISCOVERY_DNS_SERVERS: '127.0.0.1:1' }],
  ])('opens %s', async (kind, environment) => {
    const { registry, close } = open(environment);
    expect(registry.kind).toBe(kind);
    const { instances } = registry.watch('toys');
    expect(instances.map(({ url }) => url)).toEqual(kind === 'file' ? ['http://127.0.0.1:4001'] : []);
    await close();
  });
});
