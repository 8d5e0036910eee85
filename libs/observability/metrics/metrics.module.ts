import { Controller, Get, Headers, Module, Res, VERSION_NEUTRAL, type DynamicModule } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { OpenRoute } from '../open-route.js';
import { register } from './registry.js';
import { renderMetrics } from './render-metrics.js';

interface Reply {
  header(name: string, value: string): unknown;
}

/** `GET /metrics`, open, without version and outside the global prefix. */
@OpenRoute()
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  @Get()
  async scrape(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: Reply) {
    const { contentType, body } = await renderMetrics(accept);
    reply.header('content-type', contentType);
    return body;
  }
}

/**
 * Metrics of the process through @willsoto/nestjs-prometheus: one registry, so `makeCounterProvider` and
 * `@InjectMetric` of that package work beside the factories of this library.
 *
 * @example imports: [MetricsModule.forRoot()]
 */
@Module({})
export class MetricsModule {
  static forRoot(): DynamicModule {
    const alreadyCollected = register.getSingleMetric('process_cpu_seconds_total') !== undefined;
    return {
      module: MetricsModule,
      imports: [
        PrometheusModule.register({
          controller: MetricsController,
          path: 'metrics',
          // Every 10 ms, prom-client's own default, is a third of what an idle process costs.
          defaultMetrics: { enabled: !alreadyCollected, config: { eventLoopMonitoringPrecision: 100 } },
        }),
      ],
    };
  }
}
