import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { defineConfig } from './define-config.js';
import type { ConfigDefinition } from './definition.js';
import type { Environment } from './environment.js';
import { loadConfig } from './load-config.js';
import { secret, setting } from './setting.js';

const inventory = defineConfig('inventory', {
  reservationTtlMs: setting(z.coerce.number().int().min(100).default(900_000), 'how long stock stays reserved, ms'),
  region: setting(z.string(), 'where the warehouse stands'),
  strict: setting(z.stringbool().default(false), 'refuse partial reservations'),
});
const payments = defineConfig('payments', {
  webhookKey: secret('key that signs webhooks', { developmentDefault: 'development-only-webhook-key' }),
  providerKey: secret('key of the provider', { optional: true }),
});

describe('loadConfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('derives the variable, converts the text and applies defaults', () => {
    const config = loadConfig([inventory], { INVENTORY_RESERVATION_TTL_MS: '5000', INVENTORY_REGION: 'north' });
    expect(config.get(inventory)).toEqual({ reservationTtlMs: 5000, region: 'north', strict: false });
    const reserved: number = config.get(inventory).reservationTtlMs;
    expect(reserved).toBe(5000);
  });

  it('freezes what it hands out', () => {
    const values = loadConfig([inventory], { INVENTORY_REGION: 'north' }).get(inventory);
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('lists every fault of every definition with variable, problem and remedy', () => {
    const error = faultsOf([inventory, payments], {
      INVENTORY_RESERVATION_TTL_MS: '5',
      INVENTORY_STRICT: 'perhaps',
      PAYMENTS_WEBHOOK_KEY: 'short',
    });
    expect(error.faults.map(({ variable }) => variable)).toEqual([
      'INVENTORY_RESERVATION_TTL_MS',
      'INVENTORY_REGION',
      'INVENTORY_STRICT',
      'PAYMENTS_WEBHOOK_KEY',
    ]);
    expect(error.message).toContain('4 configuration faults');
    expect(error.message).toContain(
      'INVENTORY_REGION: missing\n    → Set INVENTORY_REGION: where the warehouse stands.',
    );
  });

  it('takes an empty variable for an unset one', () => {
    expect(faultsOf([inventory], { INVENTORY_REGION: '' }).faults[0].problem).toBe('missing');
  });

  it('does not take a missing text for the text "undefined"', () => {
    const coerced = defineConfig('orders', { greeting: setting(z.coerce.string(), 'a greeting') });
    expect(faultsOf([coerced], {}).faults[0].problem).toBe('missing');
  });

  it('keeps defaults that stand before a transformation', () => {
    const list = defineConfig('orders', {
      currencies: setting(
        z
          .string()
          .default('EUR,USD')
          .transform((text) => text.split(',')),
        'currencies accepted',
      ),
    });
    expect(loadConfig([list], {}).get(list).currencies).toEqual(['EUR', 'USD']);
  });

  it('reads a variable the whole process shares', () => {
    const host = defineConfig('host', {
      port: setting(z.coerce.number().int().default(3000), 'port of the edge', { variable: 'PORT' }),
    });
    expect(loadConfig([host], { PORT: '8080' }).get(host).port).toBe(8080);
  });

  it('reads a secret from a file and drops the last line break', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'a-key-from-a-mounted-file\n');
    const config = loadConfig([payments], { PAYMENTS_PROVIDER_KEY_FILE: path });
    expect(config.get(payments).providerKey).toBe('a-key-from-a-mounted-file');
  });

  it('refuses a file it cannot read, naming the _FILE variable', () => {
    const error = faultsOf([payments], { PAYMENTS_PROVIDER_KEY_FILE: join(folder, 'missing') });
    expect(error.faults).toMatchObject([{ variable: 'PAYMENTS_PROVIDER_KEY_FILE' }]);
    expect(error.message).toContain('ENOENT');
  });

  it('refuses a secret given twice', () => {
    const env = { PAYMENTS_PROVIDER_KEY: 'x'.repeat(20), PAYMENTS_PROVIDER_KEY_FILE: join(folder, 'key') };
    expect(faultsOf([payments], env).faults[0].problem).toContain('both');
  });

  it.each([
    ['unset', {}, 'missing'],
    ['the development default', { PAYMENTS_WEBHOOK_KEY: 'development-only-webhook-key' }, 'known development default'],
    ['a notorious value', { PAYMENTS_WEBHOOK_KEY: 'ChangeMe' }, 'known development default'],
  ])('refuses in production a secret that is %s', (_, env: Environment, problem) => {
    expect(faultsOf([payments], { NODE_ENV: 'production', ...env }).faults[0].problem).toContain(problem);
    if (env.PAYMENTS_WEBHOOK_KEY !== 'ChangeMe') expect(() => loadConfig([payments], env)).not.toThrow();
  });

  it('never repeats a value in the message', () => {
    const shaped = defineConfig('db', { url: secret('address of the database', { schema: z.url() }) });
    const error = faultsOf([payments, shaped, inventory], {
      PAYMENTS_WEBHOOK_KEY: 'hunter2',
      DB_URL: 'not an address but hunter2',
      INVENTORY_RESERVATION_TTL_MS: 'hunter2',
      INVENTORY_STRICT: 'hunter2',
      INVENTORY_REGION: 'n',
    });
    expect(error.faults).toHaveLength(4);
    expect(error.message).not.toContain('hunter2');
  });

  it('refuses two fields that would read the same variable, also through _FILE', () => {
    const first = defineConfig('orders', { apiKey: secret('a key', { optional: true }) });
    const second = defineConfig('orders-api', {
      key: setting(z.string().default(''), 'other'),
      keyFile: setting(z.string().default(''), 'another'),
    });
    const problems = faultsOf([first, second], {}).faults.map(({ variable }) => variable);
    expect(problems).toEqual(['ORDERS_API_KEY', 'ORDERS_API_KEY_FILE']);
  });

  it('hands the secret values to the log redactor and nothing else', () => {
    const config = loadConfig([inventory, payments], { INVENTORY_REGION: 'north' });
    expect(config.secretValues([inventory, payments])).toEqual(['development-only-webhook-key']);
  });

  it('does not hand out what was not loaded', () => {
    expect(() => loadConfig([inventory], { INVENTORY_REGION: 'n' }).get(payments)).toThrow('"payments" was not given');
  });
});

describe('setting', () => {
  it('refuses a schema that reads "false" as true', () => {
    expect(() => setting(z.coerce.boolean(), 'a switch')).toThrow('z.stringbool()');
  });
});

function faultsOf(definitions: ConfigDefinition[], env: Environment): ConfigurationError {
  try {
    loadConfig(definitions, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error as ConfigurationError;
  }
  throw new Error('expected a ConfigurationError');
}
