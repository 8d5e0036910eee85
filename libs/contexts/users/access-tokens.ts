import type { ConfigOf } from '@holdfast/configuration';
import { AccessTokenIssuer, SigningKeys, type IssuedAccessToken, type Principal } from '@holdfast/security';
import { Inject, Injectable } from '@nestjs/common';
import { SigningKeyStore } from './signing-key.store.js';
import { usersConfig } from './users.config.js';

/** A new key is noticed this late, long before the former one stops verifying. */
const REMEMBER_KEYS_MS = 60_000;

@Injectable()
export class AccessTokens {
  private issuer?: Promise<AccessTokenIssuer>;
  private readAt = -Infinity;

  constructor(
    private readonly keys: SigningKeyStore,
    @Inject(usersConfig.KEY) private readonly config: ConfigOf<typeof usersConfig>,
  ) {}

  async issue(holder: Principal): Promise<IssuedAccessToken> {
    const now = performance.now();
    if (!this.issuer || now - this.readAt >= REMEMBER_KEYS_MS) {
      this.readAt = now;
      this.issuer = this.read();
    }
    return (await this.issuer).issue(holder);
  }

  private async read(): Promise<AccessTokenIssuer> {
    try {
      const { tokenIssuer: issuer, tokenAudience: audience } = this.config;
      return new AccessTokenIssuer({ issuer, audience, keys: await SigningKeys.from(await this.keys.signing()) });
    } catch (error) {
      this.readAt = -Infinity;
      throw error;
    }
  }
}
