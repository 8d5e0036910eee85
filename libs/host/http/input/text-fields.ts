import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { presence, rule, type FieldOptions } from './rule.js';
import { secret } from './secrets.js';
import { codePoints, EMAIL, isWellFormed, onText, PLAIN_TEXT, SKU, UUID } from './text.js';

export interface TextFieldOptions extends FieldOptions<string> {
  /** Code points. Default 1. */
  min?: number;
  /** Code points. */
  max: number;
  /** Must be anchored and must not backtrack; it only sees text of at most `max` code points. */
  pattern?: RegExp;
}

/**
 * One line of text, normalised to NFC: no control characters, no lone surrogates, no space at either end.
 * Text with a space at an end is refused, not trimmed: what was sent is what is stored.
 */
export function TextField({ min = 1, max, pattern, ...field }: TextFieldOptions): PropertyDecorator {
  const shape = pattern ?? PLAIN_TEXT;
  return applyDecorators(
    ...presence(field),
    Transform(({ value }) => (typeof value === 'string' ? value.normalize('NFC') : value)),
    ...textOfLength(min, max),
    rule(
      'pattern',
      onText((text) => text === '' || codePoints(text, max) > max || shape.test(text)),
      pattern ? `must match ${pattern.source}` : 'must be one line without a space at either end',
    ),
    property(field, { type: 'string', minLength: min, maxLength: max, pattern: min === 0 ? undefined : shape.source }),
  );
}

const textOfLength = (min: number, max: number): PropertyDecorator[] => [
  rule('text', (value) => typeof value === 'string' && isWellFormed(value), 'must be text'),
  rule(
    'min-length',
    onText((text) => codePoints(text, max) >= min),
    `must have at least ${min} characters`,
  ),
  rule(
    'max-length',
    onText((text) => codePoints(text, max) <= max),
    `must have at most ${max} characters`,
  ),
];

/** A secret such as a password: taken as it is, never shown again, never given as an example of real data. */
export function SecretField({ min = 1, max, ...field }: Omit<TextFieldOptions, 'pattern'>): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    secret,
    ...textOfLength(min, max),
    property(field, { type: 'string', format: 'password', writeOnly: true, minLength: min, maxLength: max }),
  );
}

/** An e-mail address, folded to lower case once, here; at most 254 characters (RFC 5321, section 4.5.3.1). */
export function EmailField(field: FieldOptions<string> = {}): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    Transform(({ value }) => (typeof value === 'string' ? value.normalize('NFC').toLowerCase() : value)),
    rule(
      'email',
      (value) => typeof value === 'string' && value.length <= 254 && isWellFormed(value) && EMAIL.test(value),
      'must be an e-mail address',
    ),
    property(field, { type: 'string', format: 'email', maxLength: 254, pattern: EMAIL.source }, 'ada@example.com'),
  );
}

/** An identifier, folded to lower case. */
export function UuidField(field: FieldOptions<string> = {}): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    Transform(({ value }) => (typeof value === 'string' && value.length === 36 ? value.toLowerCase() : value)),
    rule('uuid', (value) => typeof value === 'string' && UUID.test(value), 'must be a UUID'),
    property(field, { type: 'string', format: 'uuid' }, '01890a5d-ac96-774b-bcce-b302099a8057'),
  );
}

/** A stock-keeping unit such as `TEA-001`. */
export function SkuField(field: FieldOptions<string> = {}): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    rule('sku', (value) => typeof value === 'string' && SKU.test(value), 'must be a SKU such as TEA-001'),
    property(field, { type: 'string', pattern: SKU.source }, 'TEA-001'),
  );
}

/** One of the named values. */
export function EnumField(values: readonly string[], field: FieldOptions<string> = {}): PropertyDecorator {
  return applyDecorators(
    ...presence(field),
    rule('enum', (value) => typeof value === 'string' && values.includes(value), `must be one of ${values.join(', ')}`),
    property(field, { type: 'string', enum: [...values] }, values[0]),
  );
}

/** An ISO 4217 code such as `EUR`. */
export function CurrencyField(field: FieldOptions<string> = {}): PropertyDecorator {
  return TextField({ min: 3, max: 3, pattern: /^[A-Z]{3}$/, example: 'EUR', ...field });
}

function property(field: FieldOptions<string>, schema: Record<string, unknown>, example?: string): PropertyDecorator {
  const { optional = false, description } = field;
  return ApiProperty({ ...schema, required: !optional, description, example: field.example ?? example });
}
