import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-strategy';
import type { Principal } from '../principal/principal.js';
import { InvalidTokenError } from '../tokens/access-token.js';
import { AccessTokenVerifier } from '../tokens/access-token-verifier.js';
import { bearerToken } from './authorization-header.js';
import type { HttpRequest } from './authorization-header.js';

type Verify = (token: string, done: (error: Error | null, principal?: Principal | null) => void) => Promise<void>;

let strategies = 0;

/** Passport strategy for `Authorization: Bearer`. Each instance has its own name, because Passport is one per process. */
class BearerStrategy extends Strategy {
  readonly name = `access-token-${++strategies}`;

  constructor(private readonly verify: Verify) {
    super();
  }

  // Passport calls this on an object derived from the strategy per request: nothing about a request may be kept here.
  override authenticate(request: HttpRequest): void {
    const token = bearerToken(request);
    if (token === undefined) return this.fail(401);
    void this.verify(token, (error, principal) => {
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
  constructor(private readonly verifier: AccessTokenVerifier) {
    super();
  }

  /** The caller of a token that was verified before; undefined when Passport must look. */
  remembered(request: HttpRequest): Principal | undefined {
    const token = bearerToken(request);
    return token === undefined ? undefined : this.verifier.remembered(token)?.principal;
  }

  override async validate(token: string): Promise<Principal | null> {
    try {
      return (await this.verifier.verify(token)).principal;
    } catch (error) {
      if (error instanceof InvalidTokenError) return null;
      throw error;
    }
  }
}
