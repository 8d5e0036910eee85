import { Open, type JwksDocument } from '@holdfast/security';
import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { GetTokenKeys } from './publish-keys/publish-keys.js';

@ApiTags('auth')
@Controller({ path: '.well-known/jwks.json', version: VERSION_NEUTRAL })
export class KeysController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Open()
  @Header('cache-control', 'public, max-age=300')
  @ApiOkResponse({ description: 'JWK Set (RFC 7517): the keys that verify access tokens' })
  keys(): Promise<JwksDocument> {
    return this.queries.execute(new GetTokenKeys());
  }
}
