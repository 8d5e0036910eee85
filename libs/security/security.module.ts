import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.js';
import { AccessTokenStrategy } from './access/access-token.strategy.js';
import { DeclaredAccess } from './access/declared-access.js';
import { PrincipalInterceptor } from './access/principal.interceptor.js';
import { securityOptions } from './security-options.js';
import type { SecurityOptions } from './security-options.js';

/** How much of it the module does. */
export interface SecurityExtras {
  /** Default true. False where the application itself runs handlers with `runAs`: an interceptor costs more than that. */
  carriesCaller?: boolean;
}

const carrier = { provide: APP_INTERCEPTOR, useClass: PrincipalInterceptor };

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<SecurityOptions>({
  optionsInjectionToken: securityOptions,
})
  .setClassMethodName('forRoot')
  .setExtras<SecurityExtras>({ carriesCaller: true }, (definition, { carriesCaller }) => ({
    ...definition,
    providers: [...(definition.providers ?? []), ...(carriesCaller ? [carrier] : [])],
  }))
  .build();

/**
 * Default deny for a Nest application on Fastify or Express: a global guard, the caller in `currentPrincipal()`, and a
 * boot check that every route declares who may call it.
 *
 * Import it once, before modules whose global guards or interceptors need to know the caller.
 *
 * @example
 * SecurityModule.forRoot({
 *   tokens: new TokenVerifier({ issuer: 'https://shop.test', audience: 'holdfast-edge', keys: new PublishedKeys({ load }) }),
 * })
 */
@Module({
  imports: [DiscoveryModule],
  providers: [AccessTokenStrategy, AccessGuard, DeclaredAccess, { provide: APP_GUARD, useExisting: AccessGuard }],
})
export class SecurityModule extends ConfigurableModuleClass {}
