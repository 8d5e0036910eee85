import { Module, type DynamicModule } from '@nestjs/common';
import type { ConfigDefinition } from './definition.js';
import type { LoadedConfig } from './load-config.js';

const LOADED = Symbol('holdfast:configuration');

/**
 * Hands each context its own values and nothing else. The host imports `forRoot` once; a context imports
 * `forContext(itsConfig)` and injects by `@Inject(itsConfig.KEY)`. Values are provided in the importing module only.
 *
 * Not `ConfigModule.forFeature` of @nestjs/config: that one copies every value, secrets included, into a store that
 * any `ConfigService` in the process can read.
 */
@Module({})
export class ConfigurationModule {
  /** Once per process, with the result of `loadConfig`. */
  static forRoot(loaded: LoadedConfig): DynamicModule {
    return {
      module: ConfigurationModule,
      global: true,
      providers: [{ provide: LOADED, useValue: loaded }],
      exports: [LOADED],
    };
  }

  /** In the module of a context: provides the values of its definitions under their `KEY`. */
  static forContext(...definitions: ConfigDefinition[]): DynamicModule {
    return {
      module: ConfigurationModule,
      providers: definitions.map((definition) => ({
        provide: definition.KEY,
        useFactory: (loaded: LoadedConfig) => loaded.get(definition),
        inject: [LOADED],
      })),
      exports: definitions.map(({ KEY }) => KEY),
    };
  }
}
