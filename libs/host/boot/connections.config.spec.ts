import { loadConfig } from '@holdfast/configuration';
import { nkeys } from '@nats-io/transport-node';
import { connectionFaults, connectionsConfig, natsAs, openCertificates } from './connections.config.js';
import { processConfig } from './process.config.js';

const tls = { TLS_CERT_FILE: '/tls/tls.crt', TLS_KEY_FILE: '/tls/tls.key', TLS_CA_FILE: '/tls/ca.crt' };
const seed = new TextDecoder().decode(nkeys.createUser().getSeed());
const variables = (env: Record<string, string>, talksTo: 'nobody' | 'others' = 'others') =>
  connectionFaults(env, { talksTo }).map(({ variable }) => variable);
const load = (env: Record<string, string>) => loadConfig([processConfig, connectionsConfig], env);

describe('how a process shows who it is', () => {
  it('is optional in development, and never half', () => {
    expect(variables({ NATS_URL: 'nats://127.0.0.1:4222' })).toEqual([]);
    expect(variables({ TLS_CERT_FILE: '/tls/tls.crt' })).toEqual(['TLS_KEY_FILE']);
  });

  it('is demanded in production of who talks to others', () => {
    const production = { NODE_ENV: 'production', NATS_URL: 'tls://nats:4222' };
    expect(variables(production)).toEqual(['TLS_CERT_FILE', 'NATS_NKEY_SEED']);
    for (const yes of ['true', 'enabled'])
      expect(variables({ ...production, TLS_EXTERNAL: yes })).toEqual(['NATS_NKEY_SEED']);
    expect(variables({ ...production, ...tls })).toEqual(['NATS_NKEY_SEED']);
    expect(variables({ ...production, ...tls, NATS_NKEY_SEED_FILE: '/nats/orders.seed' })).toEqual([]);
    expect(variables({ NODE_ENV: 'production' }, 'nobody')).toEqual([]);
  });

  it('tells NATS its key and its certificate, where it may hear replies, and only a TLS server the latter', () => {
    const env = { NATS_URL: 'tls://nats:4222', NATS_NKEY_SEED: seed, ...tls };
    expect(natsAs(load(env), ['payments', 'inventory'])).toEqual({
      url: 'tls://nats:4222',
      inboxPrefix: '_INBOX_inventory_payments',
      nkeySeed: seed,
      tls: { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key', caFile: '/tls/ca.crt' },
    });
    expect(natsAs(load({ ...env, NATS_URL: 'nats://nats:4222' }), ['orders'])).not.toHaveProperty('tls');
    expect(natsAs(load({}), ['orders'])).toBeUndefined();
  });

  it('refuses a key that is none, without repeating it, and a certificate that is not there', () => {
    const wrong = seed.replace('SU', 'SA');
    expect(() => load({ NATS_NKEY_SEED: wrong })).toThrow('NATS_NKEY_SEED: does not have the expected form');
    expect(() => load({ NATS_NKEY_SEED: wrong })).not.toThrow(wrong);
    expect(() => openCertificates(load(tls))).toThrow('/tls/tls.crt cannot be read (ENOENT)');
    expect(openCertificates(load({}))).toBeUndefined();
  });
});
