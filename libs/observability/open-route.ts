import { SetMetadata } from '@nestjs/common';

/**
 * Same key and value as `@Open()` of @holdfast/security, which a library of the same layer may not import: probes and
 * scrapers carry no token.
 */
export const OpenRoute = () => SetMetadata('holdfast:access', { kind: 'open' });

/** Routes that stay outside the global prefix: `app.setGlobalPrefix('api', { exclude: [...PROBE_ROUTES] })`. */
export const PROBE_ROUTES = ['livez', 'readyz', 'startupz', 'healthz', 'metrics'] as const;
