import type { JwksDocument } from '@holdfast/security';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { SigningKeyStore } from '../signing-key.store.js';

export class GetTokenKeys extends Query<JwksDocument> {}

@QueryHandler(GetTokenKeys)
export class GetTokenKeysHandler implements IQueryHandler<GetTokenKeys> {
  constructor(private readonly keys: SigningKeyStore) {}

  async execute(): Promise<JwksDocument> {
    return { keys: await this.keys.published() };
  }
}
