import { KeysUnavailableError, InvalidTokenError, bearerToken, keysUnavailable } from '@holdfast/security';
import type { TokenExchange } from '@holdfast/security';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** For whom a request is passed on. */
export interface Passage {
  /** The one context that will accept the token. */
  audience: string;
  /** Whether the route is open to all. */
  open: boolean;
}

/** Says to a context who calls. What the caller presented stays at the edge. */
export class EdgeIdentity {
  constructor(private readonly tokens: Pick<TokenExchange, 'exchange'>) {}

  /**
   * The header that names the caller, or none for nobody: an unacceptable token is nobody's, and what nobody may do the
   * context says.
   *
   * @throws ServiceUnavailableException when the token can be neither believed nor refused, and it matters
   */
  async headers(
    request: FastifyRequest,
    reply: FastifyReply,
    { audience, open }: Passage,
  ): Promise<Record<string, string>> {
    const presented = bearerToken(request);
    if (presented === undefined) return {};
    try {
      return { authorization: `Bearer ${await this.tokens.exchange(presented, audience)}` };
    } catch (error) {
      if (error instanceof InvalidTokenError) return {};
      if (!(error instanceof KeysUnavailableError)) throw error;
      if (open) return {};
      throw keysUnavailable(reply, error);
    }
  }
}
