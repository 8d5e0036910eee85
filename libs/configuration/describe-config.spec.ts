import { z } from 'zod';
import { defineConfig } from './define-config.js';
import { variableName } from './definition.js';
import { describeConfig, envExample } from './describe-config.js';
import { loadConfig } from './load-config.js';
import { secret, setting } from './setting.js';

const config = defineConfig('web-bff', {
  cacheTtlMs: setting(z.coerce.number().default(1000), 'how long answers are kept, ms'),
  region: setting(z.string(), 'where it runs'),
  sessionKey: secret('key of the sessions', { developmentDefault: 'development-only-session-key' }),
  apiURLPath: setting(z.string().optional(), 'path of the API'),
});

describe('describeConfig', () => {
  const loaded = loadConfig([config], { WEB_BFF_REGION: 'north', WEB_BFF_SESSION_KEY: 'a-very-private-session-key' });

  it('shows value and origin, never a secret', () => {
    const described = describeConfig([config], loaded);
    expect(described).toMatchObject([
      { variable: 'WEB_BFF_CACHE_TTL_MS', value: '1000', source: 'default', default: '1000', required: false },
      { variable: 'WEB_BFF_REGION', value: 'north', source: 'environment', required: true },
      { variable: 'WEB_BFF_SESSION_KEY', value: '[secret]', source: 'environment', default: '[development only]' },
      { variable: 'WEB_BFF_API_URL_PATH', value: '', source: 'default' },
    ]);
    expect(JSON.stringify(described)).not.toMatch(/private|development-only/);
  });

  it.each([
    ['nats://shop:pass@broker:4222', 'nats://[secret]@broker:4222'],
    ['nats://token@broker', 'nats://[secret]@broker'],
    ['nats://a:p@ss@one:1,nats://b:word@two:2', 'nats://[secret]@one:1,nats://[secret]@two:2'],
    ['shop:pass@broker:4222', '[secret]@broker:4222'],
    ['http://collector:4318/@v1?to=a@b.test', 'http://collector:4318/@v1?to=a@b.test'],
    ['one:4222,two:4222', 'one:4222,two:4222'],
    ['ops@shop.test', 'ops@shop.test'],
  ])('shows %s as %s', (value, shown) => {
    const path = loadConfig([config], { WEB_BFF_REGION: value, WEB_BFF_SESSION_KEY: 'a-very-private-session-key' });
    expect(describeConfig([config], path)[1]!.value).toBe(shown);
  });

  it('writes a .env.example whose mandatory variables are open and secrets empty', () => {
    const text = envExample([config]);
    expect(text).toContain('# how long answers are kept, ms\n# WEB_BFF_CACHE_TTL_MS=1000');
    expect(text).toContain('# where it runs\nWEB_BFF_REGION=\n');
    expect(text).toContain('# WEB_BFF_SESSION_KEY=\n');
    expect(text).not.toContain('development-only');
  });
});

describe('variableName', () => {
  const field = setting(z.string(), '');

  it.each([
    ['inventory', 'reservationTtlMs', 'INVENTORY_RESERVATION_TTL_MS'],
    ['web-bff', 'apiURLPath', 'WEB_BFF_API_URL_PATH'],
    ['orders', 'oauth2Key', 'ORDERS_OAUTH2_KEY'],
  ])('%s.%s is %s', (context, name, variable) => expect(variableName(context, name, field)).toBe(variable));

  it('refuses a name that cannot become a variable', () => {
    expect(() => defineConfig('Web BFF', {})).toThrow('lower-case');
  });
});
