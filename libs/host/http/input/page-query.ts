import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { MAX_CURSOR, readCursor } from './cursor.js';
import { rule } from './rule.js';

const PAGE = { min: 1, max: 100, default: 20 };

/** How many items a page has: 1 to 100, default 20. Only plain digits are read as a number. */
export function LimitField(): PropertyDecorator {
  const inRange = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= PAGE.min && Number(value) <= PAGE.max;
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value)),
    rule('limit', inRange, `must be a whole number from ${PAGE.min} to ${PAGE.max}`),
    ApiPropertyOptional({ type: 'integer', minimum: PAGE.min, maximum: PAGE.max, default: PAGE.default }),
  );
}

/** The `nextCursor` of the page before. Its contents are checked by the list's own `defineCursor`. */
export function CursorField(): PropertyDecorator {
  return applyDecorators(
    rule(
      'cursor',
      (value) => typeof value === 'string' && readCursor(value) !== undefined,
      'must be a cursor this list has given',
    ),
    ApiPropertyOptional({ type: 'string', maxLength: MAX_CURSOR, description: 'nextCursor of the page before' }),
  );
}

/** Query of every list. Extend it for filters. */
export class PageQuery {
  @LimitField()
  limit: number = PAGE.default;

  @CursorField()
  cursor?: string;
}
