import { LARGEST_AMOUNT } from '@holdfast/messaging';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { presence, rule, type FieldOptions, type Holds } from './rule.js';

export interface WholeNumberFieldOptions extends FieldOptions<number> {
  min: number;
  /** At most `Number.MAX_SAFE_INTEGER`. */
  max: number;
}

/** A JSON number without a fraction. Text, booleans and anything JavaScript cannot hold exactly are refused. */
export function WholeNumberField({ min, max, ...field }: WholeNumberFieldOptions): PropertyDecorator {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) throw new RangeError('Bounds must be safe integers');
  return applyDecorators(
    ...presence(field),
    Transform(({ value }) => (value === 0 ? 0 : value)), // -0 is 0
    rule('whole-number', Number.isSafeInteger, 'must be a whole number'),
    rule(
      'min',
      onNumber((value) => value >= min),
      `must be at least ${min}`,
    ),
    rule(
      'max',
      onNumber((value) => value <= max),
      `must be at most ${max}`,
    ),
    ApiProperty({
      type: 'integer',
      format: 'int64',
      minimum: min,
      maximum: max,
      required: !field.optional,
      description: field.description,
      example: field.example ?? Math.max(min, Math.min(max, 1)),
    }),
  );
}

/** An amount in minor units (cents): 0 to 10^15. */
export function MoneyAmountField(field: FieldOptions<number> & { min?: number } = {}): PropertyDecorator {
  return WholeNumberField({ min: 0, max: LARGEST_AMOUNT, example: 1_250, ...field });
}

/** `true` or `false`, as JSON says it. */
export function BooleanField(field: FieldOptions<boolean> = {}): PropertyDecorator {
  const { optional = false, description, example = true } = field;
  return applyDecorators(
    ...presence(field),
    rule('boolean', (value) => typeof value === 'boolean', 'must be true or false'),
    ApiProperty({ type: 'boolean', required: !optional, description, example }),
  );
}

const onNumber =
  (holds: (value: number) => boolean): Holds =>
  (value) =>
    !Number.isSafeInteger(value) || holds(value as number);
