import { composeProcess } from './composition.js';

describe('the composition of a process', () => {
  const before = process.env;
  afterEach(() => {
    process.env = before;
  });

  const compose = (env: Record<string, string>) => {
    process.env = { DATABASE_URL: 'postgres://nobody@nowhere.invalid/none', ...env };
    return composeProcess('toys', []);
  };

  it('has users come in directly, whomever else it talks to, when it is told so', async () => {
    const { behindGateway, tracing } = compose({ NATS_URL: 'nats://nowhere.invalid', EDGE: 'here' });
    expect(behindGateway).toBe(false);
    await tracing.shutdown();
  });

  it.each<Record<string, string>>([{ EDGE: 'gateway' }, { NATS_URL: 'nats://nowhere.invalid', EDGE: 'here' }])(
    'demands a certificate in production of who talks to others: %j',
    (env) => {
      expect(() => compose({ NODE_ENV: 'production', ...env })).toThrow(/TLS_CERT_FILE/);
    },
  );
});
