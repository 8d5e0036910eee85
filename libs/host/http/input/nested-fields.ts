import { applyDecorators, type Type as Class } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { presence, rule, type FieldOptions, type Holds } from './rule.js';

/** An object with rules of its own. */
export function NestedField(type: () => Class, field: Omit<FieldOptions, 'example'> = {}): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    Type(type),
    ValidateNested(),
    rule('object', isObject, 'must be an object'),
    ApiProperty({ type: () => type(), required: !field.optional, description: field.description }),
  );
}

export interface ListFieldOptions extends Omit<FieldOptions, 'example'> {
  /** Items. Default 1. */
  min?: number;
  /** Items. */
  max: number;
  /** No two items may have the same value in this field. */
  uniqueBy?: string;
}

/** A list of objects with rules of their own. */
export function ListField(
  type: () => Class,
  { min = 1, max, uniqueBy, ...field }: ListFieldOptions,
): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    Type(type),
    ValidateNested({ each: true }),
    rule('list', Array.isArray, 'must be a list'),
    rule(
      'min-items',
      onList((items) => items.length >= min),
      `must have at least ${min} item(s)`,
    ),
    rule(
      'max-items',
      onList((items) => items.length <= max),
      `must have at most ${max} items`,
    ),
    rule(
      'objects',
      onList((items) => items.every(isObject)),
      'every item must be an object',
    ),
    ...(uniqueBy === undefined
      ? []
      : [
          rule(
            'unique',
            onList((items) => isUniqueBy(items, uniqueBy)),
            `no two items may have the same ${uniqueBy}`,
          ),
        ]),
    ApiProperty({
      type: () => type(),
      isArray: true,
      minItems: min,
      maxItems: max,
      required: !field.optional,
      description: field.description,
    }),
  );
}

const isObject: Holds = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function isUniqueBy(items: unknown[], key: string): boolean {
  const values = items.filter(isObject).map((item) => (item as Record<string, unknown>)[key]);
  const given = values.filter((value) => value !== undefined);
  return new Set(given).size === given.length;
}

const onList =
  (holds: (items: unknown[]) => boolean): Holds =>
  (value) =>
    !Array.isArray(value) || holds(value);
