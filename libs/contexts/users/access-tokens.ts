import type { ConfigOf } from '@holdfast/configuration';
import { tokenConfig } from '@holdfast/host';
import { AccessTokenIssuer, SigningKeys, type IssuedAccessToken, type Principal } from '@holdfast/security';
import { Inject, Injectable } from '@nestjs/common';
import { SigningKeyStore } from './signing-key.store.js';

/** A new key is noticed this late, long before the former one stops verifying. */
const REMEMBER_KEYS_MS = 60_000;

@Injectable()
export class AccessTokens {
  private issuer?: Promise<AccessTokenIssuer>;
  private readAt = -Infinity;

  constructor(
    private readonly keys: SigningKeyStore,
    @Inject(tokenConfig.KEY) private readonly config: ConfigOf<typeof tokenConfig>,
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
      const { issuer, audience } = this.config;
      return new AccessTokenIssuer({ issuer, audience, keys: await SigningKeys.from(await this.keys.signing()) });
    } catch (error) {
      this.readAt = -Infinity;
      throw error;
    }
  }
}
