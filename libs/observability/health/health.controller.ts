import { Controller, Get, Res, ServiceUnavailableException, VERSION_NEUTRAL } from '@nestjs/common';
import { HealthCheck, HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import { OpenRoute } from '../open-route.js';
import { EventLoopLag } from './event-loop-lag.js';
import { HealthRegistry } from './health-registry.js';
import { Readiness } from './readiness.js';

interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
}

/** Half of all turns later than this for a whole second: not busy but stuck. A restart is the only help. */
const STUCK_MS = 5_000;

/** Probes and the detailed report: open, without version, outside the global prefix. */
@OpenRoute()
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    private readonly registry: HealthRegistry,
    private readonly lag: EventLoopLag,
  ) {}

  /** Restart me? Looks at the event loop only. */
  @Get('livez')
  @HealthCheck({ swaggerDocumentation: false })
  live(@Res({ passthrough: true }) reply: Reply) {
    const eventLoopLagMs = this.lag.current();
    const stuck = eventLoopLagMs.p50 > STUCK_MS;
    if (stuck) reply.code(503);
    return { status: stuck ? 'error' : 'ok', eventLoopLagMs };
  }

  /** Done starting? Stays so for life. */
  @Get('startupz')
  @HealthCheck({ swaggerDocumentation: false })
  startup(@Res({ passthrough: true }) reply: Reply) {
    if (!this.readiness.hasStarted) unavailable(reply);
    return { status: this.readiness.hasStarted ? 'ok' : 'error' };
  }

  /** Send me traffic? */
  @Get('readyz')
  @HealthCheck({ swaggerDocumentation: false })
  ready(@Res({ passthrough: true }) reply: Reply) {
    const reasons = this.readiness.reasons();
    if (reasons.length > 0) unavailable(reply);
    return { status: reasons.length > 0 ? 'error' : 'ok', reasons };
  }

  /** How is every part? */
  @Get('healthz')
  @HealthCheck({ swaggerDocumentation: false })
  async health(@Res({ passthrough: true }) reply: Reply): Promise<HealthCheckResult> {
    const findings = await this.registry.findings();
    const parts = [...findings].map(([name, { status, ...details }]) => {
      const indicator = this.indicators.check(name);
      if (status === 'up') return () => indicator.up(details);
      return () => (status === 'degraded' ? indicator.degraded(details) : indicator.down(details));
    });
    const lag = () => this.indicators.check('event-loop').up({ lagMs: this.lag.current() });
    try {
      return await this.terminus.check([lag, ...parts]);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      unavailable(reply);
      return error.getResponse() as HealthCheckResult;
    }
  }
}

function unavailable(reply: Reply): void {
  reply.code(503);
  reply.header('retry-after', '1');
}
