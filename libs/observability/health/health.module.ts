import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { EventLoopLag } from './event-loop-lag.js';
import { HealthController } from './health.controller.js';
import { HealthRegistry } from './health-registry.js';
import { Readiness } from './readiness.js';

/**
 * Health of the process: imported once by the host, after which every context may inject `HealthRegistry`.
 * Terminus does not log here: a probe that fails every second would bury the reason in its own lines.
 *
 * @example app.get(Readiness).started()
 */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Readiness, HealthRegistry, EventLoopLag],
  exports: [Readiness, HealthRegistry, EventLoopLag],
})
export class HealthModule {}
