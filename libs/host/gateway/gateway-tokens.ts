import type { LoadedConfig } from '@holdfast/configuration';
import { SigningKeys, TokenExchange, readPrivateKey } from '@holdfast/security';
import type { HealthRegistry } from '@holdfast/observability';
import type { Fleet } from '@holdfast/routing';
import type { Context } from '../context/context.js';
import { ENDED_SESSIONS } from '../identity/announce-session-ends.js';
import { EdgeTokens } from '../identity/edge-tokens.js';
import { gatewayKeyConfig, tokenConfig } from '../identity/identity.config.js';
import { HEAR_EVERY_MS, nobodyIsBelieved } from '../identity/own-edge.js';
import { EdgeIdentity } from './edge-identity.js';
import { headerOf, type Pairs } from './headers.js';
import type { PassThroughOptions } from './pass-through.js';
import { TokenFeedOverHttp } from './token-feed-over-http.js';

export interface GatewayTokens {
  identity: EdgeIdentity;
  /** Takes what answers say about sessions that ended. */
  heard: NonNullable<PassThroughOptions['heard']>;
  watch(health: HealthRegistry): void;
  stop(): void;
}

/** The token side of a gateway: it judges what users present, and signs what contexts accept. */
export async function gatewayTokens(
  contexts: readonly Context[],
  fleet: Fleet,
  config: LoadedConfig,
): Promise<GatewayTokens> {
  const issuing = contexts.find(({ tokens }) => tokens)?.name;
  const { issuer, audience } = config.get(tokenConfig);
  const keys = await SigningKeys.from([readPrivateKey(config.get(gatewayKeyConfig).key)]);
  const ownToken = (context: string): Promise<string> => exchange.own(context);
  const tokens = issuing
    ? new EdgeTokens({ feed: new TokenFeedOverHttp(fleet, issuing, ownToken), issuer, audience })
    : undefined;
  const exchange = new TokenExchange({ users: tokens?.verifier ?? nobodyIsBelieved, issuer: audience, keys });
  return {
    identity: new EdgeIdentity(exchange),
    heard: (context, headers) => {
      if (context === issuing) for (const id of endedSessions(headers)) tokens?.sessionEnded(id);
    },
    watch: (health) => {
      tokens?.watch(HEAR_EVERY_MS);
      health.register('tokens', () =>
        tokens?.lastFailure === undefined
          ? { status: 'up' }
          : { status: 'degraded', message: (tokens.lastFailure as Error).message },
      );
    },
    stop: () => tokens?.stop(),
  };
}

function endedSessions(headers: Pairs): string[] {
  const ended = headerOf(headers, ENDED_SESSIONS);
  return ended === undefined ? [] : ended.split(',');
}
