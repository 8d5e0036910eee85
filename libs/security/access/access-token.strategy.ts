import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-strategy';
import type { Principal } from '../principal/principal.js';
import { securityOptions } from '../security-options.js';
import type { SecurityOptions } from '../security-options.js';
import { InvalidTokenError } from '../tokens/token-kind.js';
import { bearerToken } from './authorization-header.js';
import type { HttpRequest } from './authorization-header.js';

/** For which audiences a request needs a token; the guard knows, as it knows the route. */
export const neededAudiences = Symbol('holdfast:audiences');

interface Addressed extends HttpRequest {
  [neededAudiences]?: readonly string[];
}

type Done = (error: Error | null, principal?: Principal | null) => void;
type Verify = (token: string, audiences: readonly string[] | undefined, done: Done) => Promise<void>;

let strategies = 0;

/** Passport strategy for `Authorization: Bearer`. Each instance has its own name, because Passport is one per process. */
class BearerStrategy extends Strategy {
  readonly name = `access-token-${++strategies}`;

  constructor(private readonly verify: Verify) {
    super();
  }

  // Passport calls this on an object derived from the strategy per request: nothing about a request may be kept here.
  override authenticate(request: Addressed): void {
    const token = bearerToken(request);
    if (token === undefined) return this.fail(401);
    void this.verify(token, request[neededAudiences], (error, principal) => {
      if (error) this.error(error);
      else if (principal) this.success(principal);
      else this.fail(401);
    });
  }
}

/**
 * The access token as a Passport strategy: `AuthGuard` users find what they know, jose does the work.
 * Fails for a refused token; errors only when the keys could not be read.
 */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(BearerStrategy) {
  constructor(@Inject(securityOptions) private readonly options: SecurityOptions) {
    super();
  }

  /** The caller of a token that was verified before for one of these; undefined when Passport must look. */
  remembered(request: HttpRequest, audiences: readonly string[] | undefined): Principal | undefined {
    const token = bearerToken(request);
    return token === undefined ? undefined : this.options.tokens.remembered?.(token, audiences)?.principal;
  }

  override async validate(token: string, audiences: readonly string[] | undefined): Promise<Principal | null> {
    try {
      return (await this.options.tokens.verify(token, audiences)).principal;
    } catch (error) {
      if (error instanceof InvalidTokenError) return null;
      throw error;
    }
  }
}
