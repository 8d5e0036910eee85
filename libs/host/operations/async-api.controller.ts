import { Open } from '@holdfast/security';
import { Controller, Get, Header, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Context } from '../context/context.js';
import { asyncApi } from './async-api.js';
import { MOUNTED_CONTEXTS } from './mounted-contexts.js';

/** The messages of everything mounted, as AsyncAPI. */
@ApiTags('operations')
@Controller({ path: 'asyncapi.json', version: VERSION_NEUTRAL })
export class AsyncApiController {
  constructor(@Inject(MOUNTED_CONTEXTS) private readonly contexts: readonly Context[]) {}

  @Get()
  @Open()
  @Header('Cache-Control', 'public, max-age=300')
  document(): object {
    return asyncApi(this.contexts);
  }
}
