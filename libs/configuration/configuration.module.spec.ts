import { Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { z } from 'zod';
import { ConfigurationModule } from './configuration.module.js';
import { defineConfig } from './define-config.js';
import type { ConfigOf } from './definition.js';
import { loadConfig } from './load-config.js';
import { secret, setting } from './setting.js';

const inventoryConfig = defineConfig('inventory', { region: setting(z.string(), 'where it stands') });
const paymentsConfig = defineConfig('payments', { providerKey: secret('key of the provider') });

@Injectable()
class Warehouse {
  constructor(@Inject(inventoryConfig.KEY) readonly config: ConfigOf<typeof inventoryConfig>) {}
}

@Injectable()
class Thief {
  constructor(@Inject(paymentsConfig.KEY) readonly config: unknown) {}
}

@Module({ imports: [ConfigurationModule.forContext(paymentsConfig)] })
class PaymentsModule {}

@Module({ imports: [ConfigurationModule.forContext(inventoryConfig)], providers: [Warehouse] })
class InventoryModule {}

@Module({ imports: [ConfigurationModule.forContext(inventoryConfig)], providers: [Thief] })
class ThievingModule {}

const loaded = loadConfig([inventoryConfig, paymentsConfig], {
  INVENTORY_REGION: 'north',
  PAYMENTS_PROVIDER_KEY: 'a-provider-key-of-the-test',
});

describe('ConfigurationModule', () => {
  it('gives a context its own values by token', async () => {
    const app = await Test.createTestingModule({
      imports: [ConfigurationModule.forRoot(loaded), InventoryModule, PaymentsModule],
    }).compile();
    expect(app.get(Warehouse, { strict: false }).config.region).toBe('north');
  });

  it('does not give a context the values of its neighbour in the same process', async () => {
    const compiling = Test.createTestingModule({
      imports: [ConfigurationModule.forRoot(loaded), PaymentsModule, ThievingModule],
    }).compile();
    await expect(compiling).rejects.toThrow(/can't resolve dependencies of the Thief/);
  });

  it('leaves nothing in the store of @nestjs/config', async () => {
    const app = await Test.createTestingModule({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true }), ConfigurationModule.forRoot(loaded), PaymentsModule],
    }).compile();
    expect(app.get(ConfigService).get('payments.providerKey')).toBeUndefined();
  });

  it('serves a plain Nest application as a configuration factory', async () => {
    process.env.INVENTORY_REGION = 'south';
    const app = await Test.createTestingModule({ imports: [ConfigModule.forFeature(inventoryConfig)] }).compile();
    delete process.env.INVENTORY_REGION;
    expect(app.get(inventoryConfig.KEY)).toEqual({ region: 'south' });
  });
});
