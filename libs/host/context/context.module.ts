import { ConfigurationModule, type LoadedConfig } from '@holdfast/configuration';
import { Operations, Road } from '@holdfast/data-consistency';
import { databaseSettings } from '@holdfast/database';
import { Injectable, type DynamicModule } from '@nestjs/common';
import type { Context } from './context.js';
import { RoadModule } from './road.module.js';

/** The road of the context it is injected into. */
@Injectable()
export class OwnRoad {
  constructor(
    readonly road: Road,
    readonly operations: Operations,
  ) {}
}

/** A context's plain module together with what the host gives it: its own road and its own configuration. */
export function contextModule(context: Context, config: LoadedConfig): DynamicModule {
  return {
    module: context.module,
    imports: [
      RoadModule.forContext(context, databaseSettings(config, context.name)),
      ConfigurationModule.forContext(...context.config),
    ],
    providers: [OwnRoad],
  };
}
