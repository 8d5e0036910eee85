import { KeysUnavailableError, InvalidTokenError, bearerToken, keysUnavailable } from '@holdfast/security';
import type { TokenExchange } from '@holdfast/security';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pairs } from './headers.js';

/** For whom a request is passed on. */
export interface Passage {
  /** The one context that will accept the token. */
  audience: string;
  /** Whether the route is open to all. */
  open: boolean;
}

/** Says to a context who calls. What the caller presented stays at the edge. */
export class EdgeIdentity {
  constructor(private readonly tokens: Pick<TokenExchange, 'exchange' | 'remembered'>) {}

  /**
   * The header that names the caller, or none for nobody: an unacceptable token is nobody's, and what nobody may do the
   * context says. At once when the token is remembered, as it is in most requests.
   *
   * @returns name and value, or nothing
   * @throws ServiceUnavailableException when the token can be neither believed nor refused, and it matters
   */
  headers(request: FastifyRequest, reply: FastifyReply, passage: Passage): Pairs | Promise<Pairs> {
    const presented = bearerToken(request);
    if (presented === undefined) return NOBODY;
    const remembered = this.tokens.remembered(presented, passage.audience);
    return remembered === undefined ? this.exchanged(presented, reply, passage) : caller(remembered);
  }

  private async exchanged(presented: string, reply: FastifyReply, { audience, open }: Passage): Promise<Pairs> {
    try {
      return caller(await this.tokens.exchange(presented, audience));
    } catch (error) {
      if (error instanceof InvalidTokenError) return NOBODY;
      if (!(error instanceof KeysUnavailableError)) throw error;
      if (open) return NOBODY;
      throw keysUnavailable(reply, error);
    }
  }
}

const NOBODY: Pairs = [];

const caller = (token: string): Pairs => ['authorization', `Bearer ${token}`];
