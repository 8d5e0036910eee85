import { ConfigurationModule, type LoadedConfig } from '@holdfast/configuration';
import { HealthModule, MetricsModule, loggingModule } from '@holdfast/observability';
import { Module, type DynamicModule } from '@nestjs/common';
import { processConfig } from '../boot/process.config.js';
import type { Context } from '../context/context.js';
import { AsyncApiController } from '../operations/async-api.controller.js';
import { MOUNTED_CONTEXTS } from '../operations/mounted-contexts.js';

/** What a gateway answers itself: health, metrics and the messages of all contexts. It instantiates none of them. */
@Module({})
export class GatewayModule {
  static of({
    name,
    config,
    contexts,
    secrets,
  }: {
    name: string;
    config: LoadedConfig;
    contexts: readonly Context[];
    /** Values that never appear in a log. */
    secrets: readonly string[];
  }): DynamicModule {
    const { logLevel: level } = config.get(processConfig);
    return {
      module: GatewayModule,
      imports: [
        ConfigurationModule.forRoot(config),
        HealthModule,
        MetricsModule.forRoot(),
        loggingModule({ name, level, secrets }),
      ],
      controllers: [AsyncApiController],
      providers: [{ provide: MOUNTED_CONTEXTS, useValue: contexts }],
    };
  }
}
