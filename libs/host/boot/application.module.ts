import { ConfigurationModule, type LoadedConfig } from '@holdfast/configuration';
import { HealthModule, MetricsModule, loggingModule, type RecentSpans } from '@holdfast/observability';
import { Module, type DynamicModule } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { Roads } from '../context/roads.js';
import { IdentityModule } from '../identity/identity.module.js';
import { AsyncApiController } from '../operations/async-api.controller.js';
import { AuditController } from '../operations/audit.controller.js';
import { MOUNTED_CONTEXTS } from '../operations/mounted-contexts.js';
import { OperationsController, RECENT_SPANS } from '../operations/operations.controller.js';
import { OperatorActs } from '../operations/operator-acts.js';
import { ProjectionsController } from '../operations/projections.controller.js';
import { RoadWatch } from '../operations/road-watch.js';
import { SagasController } from '../operations/sagas.controller.js';
import { PROCESS_NAME, TopologyController } from '../operations/topology.controller.js';
import { natsAs } from './connections.config.js';
import { lineProviders, type LineOptions } from './line.js';
import type { MountedContext } from './mount.js';
import { processConfig } from './process.config.js';

export interface ApplicationOptions {
  name: string;
  mounted: readonly MountedContext[];
  config: LoadedConfig;
  /** Whether users come through a gateway; default false. */
  behindGateway?: boolean;
  /** Values that never appear in a log. */
  secrets: readonly string[];
  spans: RecentSpans;
}

/** What every part of a process shares: the one conveyor, the one place to ask, the roads. */
@Module({})
class ProcessModule {}

/** The Nest module of a process that mounts these contexts: the one order of all cross-cutting steps. */
@Module({})
export class ApplicationModule {
  static of(options: ApplicationOptions): DynamicModule {
    const { mounted, config, name, secrets, behindGateway = false } = options;
    const contexts = mounted.map(({ context }) => context);
    const { logLevel: level, queries } = config.get(processConfig);
    return {
      module: ApplicationModule,
      imports: [
        ConfigurationModule.forRoot(config),
        DiscoveryModule,
        CqrsModule.forRoot(),
        processModule({
          name,
          nats: natsAs(
            config,
            contexts.map((context) => context.name),
          ),
          contexts,
          queries: queries ?? (process.env.NODE_ENV === 'production' ? 'direct' : 'strict'),
          spans: options.spans,
        }),
        IdentityModule.of({ contexts, config, behindGateway }),
        HealthModule,
        MetricsModule.forRoot(),
        ...mounted.map(({ module }) => module),
        loggingModule({ name, level, secrets }),
      ],
      controllers: [
        OperationsController,
        SagasController,
        ProjectionsController,
        AuditController,
        TopologyController,
        AsyncApiController,
      ],
      providers: [OperatorActs],
    };
  }
}

interface ProcessOptions extends LineOptions {
  spans: RecentSpans;
}

function processModule({ spans, ...line }: ProcessOptions): DynamicModule {
  const providers = [
    Roads,
    RoadWatch,
    ...lineProviders(line),
    { provide: MOUNTED_CONTEXTS, useValue: line.contexts },
    { provide: RECENT_SPANS, useValue: spans },
    { provide: PROCESS_NAME, useValue: line.name },
  ];
  return { module: ProcessModule, global: true, providers, exports: providers };
}
