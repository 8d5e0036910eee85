import type { LoadedConfig } from '@holdfast/configuration';
import {
  GivenKeys,
  SecurityModule,
  TokenVerifier,
  internalTokenKind,
  readPublicKeys,
  type TokenCheck,
} from '@holdfast/security';
import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_INTERCEPTOR, ModuleRef } from '@nestjs/core';
import type { Context } from '../context/context.js';
import { AnnounceSessionEnds, SESSION_ENDS } from './announce-session-ends.js';
import { behindGatewayConfig, tokenConfig } from './identity.config.js';
import { OwnEdge, nobodyIsBelieved } from './own-edge.js';
import { TOKEN_FEED, TokenFactsController } from './token-facts.controller.js';

const TOKENS = Symbol('holdfast:tokens');

export interface IdentityOptions {
  /** Those mounted here. */
  contexts: readonly Context[];
  config: LoadedConfig;
  /** Whether users come through a gateway, which has exchanged their tokens already. */
  behindGateway: boolean;
}

/**
 * Who calls a route of these contexts. Each context accepts only tokens that were made for it; what belongs to the whole
 * process, such as `/ops`, those made for any context in it.
 */
@Module({})
export class IdentityModule {
  static of(options: IdentityOptions): DynamicModule {
    const { contexts, behindGateway } = options;
    const tokens: DynamicModule = {
      module: IdentityModule,
      providers: [
        {
          provide: TOKENS,
          inject: [ModuleRef],
          useFactory: (modules: ModuleRef) =>
            behindGateway ? tokensOfGateway(options) : OwnEdge.open(contexts, options.config, modules),
        },
        ...(behindGateway ? issuerSide(contexts) : []),
      ],
      controllers: behindGateway && issuerAmong(contexts) ? [TokenFactsController] : [],
      exports: [TOKENS],
    };
    return SecurityModule.forRootAsync({
      carriesCaller: false, // one of the steps around every handler does
      imports: [tokens],
      inject: [TOKENS],
      useFactory: (check: TokenCheck) => ({ tokens: check, audiencesOf: audiencesAmong(contexts) }),
    });
  }
}

function tokensOfGateway({ contexts, config }: IdentityOptions): TokenCheck {
  if (contexts.length === 0) return nobodyIsBelieved;
  return new TokenVerifier({
    kind: internalTokenKind,
    issuer: config.get(tokenConfig).audience,
    audience: contexts.map(({ name }) => name),
    keys: new GivenKeys(readPublicKeys(config.get(behindGatewayConfig).publicKeys)),
  });
}

const issuerAmong = (contexts: readonly Context[]) => contexts.find(({ tokens }) => tokens)?.tokens;

/** What a gateway needs of the process that issues access tokens. */
function issuerSide(contexts: readonly Context[]): Provider[] {
  const issuer = issuerAmong(contexts);
  if (!issuer) return [];
  return [
    { provide: TOKEN_FEED, useValue: issuer.feed },
    { provide: SESSION_ENDS, useValue: issuer.ends },
    { provide: APP_INTERCEPTOR, useClass: AnnounceSessionEnds },
  ];
}

function audiencesAmong(contexts: readonly Context[]): (controller: Type) => readonly string[] {
  const all = contexts.map(({ name }) => name);
  const own = new Map(contexts.flatMap(({ name, controllers }) => controllers.map((one) => [one, [name]] as const)));
  return (controller) => own.get(controller) ?? all;
}
