import { Roles, edgeRole } from '@holdfast/security';
import { Controller, Get, Inject, Query, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { rule } from '../http/input/rule.js';
import type { TokenFacts, TokenFeed } from './token-feed.js';

/** Injection token of the provider that issues access tokens. */
export const TOKEN_FEED = Symbol('holdfast:token-feed');

/** Where a gateway asks. It is no route of the edge, and only an edge may ask. */
export const TOKEN_FACTS_PATH = '/internal/token-facts';

class TokenFactsQuery {
  @Transform(({ value }) => (typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value))
  @rule('seconds', (value) => Number.isInteger(value) && Number(value) > 0, 'must be a whole number from 1 to 99999')
  withinSeconds!: number;
}

@ApiExcludeController()
@Roles(edgeRole)
@Controller({ path: TOKEN_FACTS_PATH, version: VERSION_NEUTRAL })
export class TokenFactsController {
  constructor(
    private readonly modules: ModuleRef,
    @Inject(TOKEN_FEED) private readonly feed: Type<TokenFeed>,
  ) {}

  @Get()
  facts(@Query() { withinSeconds }: TokenFactsQuery): Promise<TokenFacts> {
    return this.modules.get(this.feed, { strict: false }).tokenFacts(withinSeconds);
  }
}
