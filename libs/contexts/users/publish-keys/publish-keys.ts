import { Answers, type InputOf, type OutputOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { TokenKeys } from '../contracts/queries.js';
import { SigningKeyStore } from '../signing-key.store.js';

export class GetTokenKeys extends Query<OutputOf<typeof TokenKeys>> {}

@QueryHandler(GetTokenKeys)
export class GetTokenKeysHandler implements IQueryHandler<GetTokenKeys> {
  constructor(private readonly keys: SigningKeyStore) {}

  async execute(): Promise<OutputOf<typeof TokenKeys>> {
    return { keys: await this.keys.published() };
  }
}

/** The same for the edge, which verifies access tokens with them. */
@Injectable()
export class AnswerTokenKeys {
  constructor(private readonly keys: SigningKeyStore) {}

  @Answers(TokenKeys)
  async answer(_: InputOf<typeof TokenKeys>): Promise<OutputOf<typeof TokenKeys>> {
    return { keys: await this.keys.published() };
  }
}
