import type { ConfigOf } from '@holdfast/configuration';
import { Database, UnitOfWork, defineWrite } from '@holdfast/data-consistency';
import { generateSigningKey, type SigningKeyJwk } from '@holdfast/security';
import { Inject, Injectable } from '@nestjs/common';
import { dueGeneration, signingFirst } from './domain/signing-key.js';
import { KeySeal } from './key-seal.js';
import { usersConfig } from './users.config.js';

/** An entry of a JWK Set (RFC 7517). */
export type PublicKey = Record<'kty' | 'crv' | 'x' | 'kid' | 'use' | 'alg', string>;

interface KeyRow {
  generation: number;
  kid: string;
  jwk: PublicKey;
  sealed_private: string;
}

type StoredKey = KeyRow & { ageSeconds: number };

const addKey = defineWrite<KeyRow>(
  'users.add-signing-key',
  { generation: 'int', kid: 'text', jwk: 'jsonb', sealed_private: 'text' },
  `insert into signing_key (generation, kid, jwk, sealed_private) select generation, kid, jwk, sealed_private from rows
   on conflict (generation) do nothing`,
  { affects: 'any' },
);

const destroyOldKeys = defineWrite<{ generation: number }>(
  'users.destroy-old-signing-keys',
  { generation: 'int' },
  `delete from signing_key using rows where signing_key.generation < rows.generation`,
  { affects: 'any' },
);

const NEWEST_TWO = `
  select generation, kid, jwk, sealed_private,
    extract(epoch from clock_timestamp() - created_at)::float8 as "ageSeconds"
  from signing_key order by generation desc limit 2`;

@Injectable()
export class SigningKeyStore {
  private readonly seal: KeySeal;

  constructor(
    private readonly database: Database,
    private readonly work: UnitOfWork,
    @Inject(usersConfig.KEY) private readonly config: ConfigOf<typeof usersConfig>,
  ) {
    this.seal = new KeySeal(config.keyEncryptionSecret);
  }

  /** With their private halves, the one that signs first. */
  async signing(): Promise<SigningKeyJwk[]> {
    return signingFirst(await this.present()).map(({ kid, jwk, sealed_private }) => {
      return { kty: 'OKP', crv: 'Ed25519', x: jwk.x, d: this.seal.open(sealed_private, kid), kid };
    });
  }

  /** Their public halves, also of the key that does not sign yet. */
  async published(): Promise<PublicKey[]> {
    return (await this.present()).map(({ jwk }) => jwk);
  }

  /** Newest first. The next generation is made by whoever finds it due first; the others find it made. */
  private async present(): Promise<StoredKey[]> {
    const keys = await this.database.read<StoredKey>(NEWEST_TWO);
    const due = dueGeneration(keys[0], this.config.signingKeyDays);
    if (due === undefined) return keys;
    await this.make(due);
    return this.database.read<StoredKey>(NEWEST_TWO);
  }

  private async make(generation: number): Promise<void> {
    const { d, x, kid } = await generateSigningKey();
    const jwk = { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' };
    await this.work.run((tx) => {
      tx.write(addKey, { generation, kid, jwk, sealed_private: this.seal.seal(d, kid) });
      tx.write(destroyOldKeys, { generation: generation - 1 });
    });
  }
}
