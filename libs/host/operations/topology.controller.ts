import { Roles } from '@holdfast/security';
import { Controller, Get, Inject, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Context } from '../context/context.js';
import { MOUNTED_CONTEXTS } from './mounted-contexts.js';

export const PROCESS_NAME = Symbol('holdfast:process-name');

/** One context in one process. */
export interface Resident {
  context: string;
  process: string;
  pid: number;
  startedAt: string;
}

const startedAt = new Date(performance.timeOrigin).toISOString();

/** Who lives where: here what this process mounts; at a gateway everybody. */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops', version: VERSION_NEUTRAL })
export class TopologyController {
  constructor(
    @Inject(MOUNTED_CONTEXTS) private readonly contexts: readonly Context[],
    @Inject(PROCESS_NAME) private readonly name: string,
  ) {}

  @Get('topology')
  topology(): { items: Resident[] } {
    const { pid } = process;
    return { items: this.contexts.map(({ name: context }) => ({ context, process: this.name, pid, startedAt })) };
  }
}
