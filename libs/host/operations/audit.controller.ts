import type { AuditEntry } from '@holdfast/data-consistency';
import { Roles } from '@holdfast/security';
import { Controller, Get, Query, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { defineCursor, isUuid } from '../http/input/cursor.js';
import { AuditQuery } from './operations.input.js';
import { OperatorActs } from './operator-acts.js';

const place = defineCursor({ id: isUuid });

/**
 * Who did what: the facts of a stream, or those a principal asked for, and what operators did by hand. Identifiers are
 * in order of time, so they are the order of the trail.
 */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops/audit', version: VERSION_NEUTRAL })
export class AuditController {
  constructor(private readonly acts: OperatorActs) {}

  @Get()
  async trail(@Query() { context, stream, principal, limit, cursor }: AuditQuery) {
    const which = {
      limit: limit + 1,
      ...(stream !== undefined && { target: stream }),
      ...(principal !== undefined && { who: principal }),
      ...(cursor !== undefined && { before: place.decode(cursor).id }),
    };
    const pages = this.acts.trails(context).map(async (one) => {
      const entries = await one.trail.entries(which);
      return entries.map((entry) => ({ context: one.context, ...entry }));
    });
    const found = (await Promise.all(pages)).flat().sort(newestFirst);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? place.encode({ id: last.id }) : null };
  }
}

const newestFirst = (a: AuditEntry, b: AuditEntry) => (a.id < b.id ? 1 : -1);
