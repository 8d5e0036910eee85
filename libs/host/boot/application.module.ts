import { ConfigurationModule, type LoadedConfig } from '@holdfast/configuration';
import { Queries, type QueryContract } from '@holdfast/messaging';
import { HealthModule, MetricsModule, loggingModule, type RecentSpans } from '@holdfast/observability';
import { PublishedKeys, SecurityModule, type AccessToken, type JwksDocument } from '@holdfast/security';
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR, DiscoveryModule, ModuleRef } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { Context } from '../context/context.js';
import { Roads } from '../context/roads.js';
import { RequestStepsInterceptor } from '../http/once/request-steps.interceptor.js';
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
  /** Every context whose tokens count, mounted here or not; default those mounted. */
  known?: readonly Context[];
  config: LoadedConfig;
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
    const { mounted, config, name, secrets } = options;
    const contexts = mounted.map(({ context }) => context);
    const { known = contexts } = options;
    const { logLevel: level } = config.get(processConfig);
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
          spans: options.spans,
        }),
        securityModule({ contexts, known, config }),
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
      providers: [OperatorActs, { provide: APP_INTERCEPTOR, useClass: RequestStepsInterceptor }],
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

interface SecurityNeeds {
  contexts: readonly Context[];
  known: readonly Context[];
  config: LoadedConfig;
}

/**
 * Tokens are verified with the keys that a context publishes, here or in another process; without one, every protected
 * route refuses. Who issues them is also asked which were revoked, if it is here.
 */
function securityModule({ contexts, known, config }: SecurityNeeds): DynamicModule {
  const issuing = known.find(({ tokens }) => tokens !== undefined);
  const issuer = issuing?.tokens;
  const revocations = issuing && contexts.includes(issuing) ? issuer?.revocations : undefined;
  return SecurityModule.forRootAsync({
    inject: [Queries, ModuleRef],
    useFactory: (queries: Queries, modules: ModuleRef) => ({
      isRevoked: (token: AccessToken) =>
        revocations !== undefined && modules.get(revocations, { strict: false }).isRevoked(token),
      issuer: issuer?.issuer(config) ?? 'nobody',
      audience: issuer?.audience(config) ?? 'nobody',
      keys: new PublishedKeys({
        load: async (): Promise<JwksDocument> =>
          issuer ? ((await queries.ask(issuer.keys as QueryContract, {})) as unknown as JwksDocument) : { keys: [] },
      }),
    }),
  });
}
