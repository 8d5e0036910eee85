import type { LoadedConfig } from '@holdfast/configuration';
import {
  InvalidTokenError,
  SigningKeys,
  TokenExchange,
  TokenVerifier,
  generateSigningKey,
  internalTokenKind,
  type TokenCheck,
} from '@holdfast/security';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Context } from '../context/context.js';
import { EdgeTokens } from './edge-tokens.js';
import { tokenConfig } from './identity.config.js';
import type { TokenFeed } from './token-feed.js';

/** How late an edge notices that a session ended through another edge, milliseconds. */
export const HEAR_EVERY_MS = 5_000;

/** Nobody issues tokens here, so there is none to be believed. */
export const nobodyIsBelieved: TokenCheck = {
  verify: () => Promise.reject(new InvalidTokenError('unknown-key')),
};

/**
 * The edge of a process that has no gateway before it: every token is exchanged and then verified by the steps, and the
 * code, of a gateway and a context, with a key pair that never leaves memory.
 */
@Injectable()
export class OwnEdge implements TokenCheck, OnApplicationBootstrap, OnApplicationShutdown {
  private constructor(
    private readonly ends: () => void,
    private readonly tokens: EdgeTokens,
    private readonly exchange: TokenExchange,
    private readonly inside: TokenVerifier,
  ) {}

  static async open(contexts: readonly Context[], config: LoadedConfig, modules: ModuleRef): Promise<TokenCheck> {
    const issuing = contexts.find((context) => context.tokens)?.tokens;
    if (!issuing) return nobodyIsBelieved;
    const { issuer, audience: edge } = config.get(tokenConfig);
    const feed: TokenFeed = {
      tokenFacts: (within, signal) => modules.get(issuing.feed, { strict: false }).tokenFacts(within, signal),
    };
    const tokens = new EdgeTokens({ feed, issuer, audience: edge });
    const keys = await SigningKeys.from([await generateSigningKey()]);
    const exchange = new TokenExchange({ users: tokens.verifier, issuer: edge, keys });
    const audience = contexts.map(({ name }) => name);
    const inside = new TokenVerifier({ kind: internalTokenKind, issuer: edge, audience, keys });
    const listen = () =>
      modules.get(issuing.ends, { strict: false }).listen((sessionId) => tokens.sessionEnded(sessionId));
    return new OwnEdge(listen, tokens, exchange, inside);
  }

  /** @param audiences those of the route; the first is who the token is exchanged for */
  async verify(presented: string, audiences: readonly string[] = []) {
    return this.inside.verify(await this.exchange.exchange(presented, audiences[0]!), audiences);
  }

  /** The same, when both steps have been taken for this token lately. */
  remembered(presented: string, audiences: readonly string[] = []) {
    const exchanged = this.exchange.remembered(presented, audiences[0]!);
    return exchanged === undefined ? undefined : this.inside.remembered(exchanged, audiences);
  }

  onApplicationBootstrap(): void {
    this.ends();
    this.tokens.watch(HEAR_EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.tokens.stop();
  }
}
