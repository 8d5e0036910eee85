import { register, Registry } from 'prom-client';

/**
 * The one registry of the process, the default of prom-client and so also that of @willsoto/nestjs-prometheus. It has
 * to call itself OpenMetrics before the first histogram is made, else prom-client refuses exemplars. Rendering in
 * either format goes through `renderMetrics`.
 */
register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);

export { register };
