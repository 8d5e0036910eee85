import { Injectable, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ClassConstructor } from 'class-transformer';
import type { ValidationError } from 'class-validator';
import type { FieldError } from '../problem/problem.js';
import { badRequest } from '../problem/problems.js';
import type { ProblemException } from '../problem/problem.exception.js';
import { compiledInput } from './compiled-input.js';

/** Most broken rules that are named in one answer. */
const MAX_ERRORS = 100;
/** A field that breaks one of these breaks the rules inside it too; saying so helps nobody. */
const BASIC_RULES = new Set(['required', 'list', 'object', 'objects']);

/** The global pipe: unknown fields are refused, nothing is converted silently, and every broken rule is named. */
@Injectable()
export class InputPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transformOptions: { enableImplicitConversion: false },
      exceptionFactory: (errors) => invalidInput(flatten(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!this.toValidate(metadata)) return value;
    const input = metadata.type === 'body' ? objectOf(value) : value;
    const read = compiledInput(metadata.metatype as ClassConstructor<object>)?.(input);
    if (read !== undefined) return read;
    refuseInherited(input);
    return super.transform(input, metadata);
  }

  /** Primitive parameters arrive as text and stay text: `@Param('n') n: number` must not turn '0x10' into 16. */
  protected override transformPrimitive(value: unknown): unknown {
    return value;
  }
}

function objectOf(value: unknown): unknown {
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidInput([{ field: '', rule: 'object', message: 'the body must be an object' }]);
}

/** class-transformer drops fields that share a name with a method of every object, before they can be refused. */
function refuseInherited(input: unknown): void {
  const names = Object.keys(input ?? {}).filter((name) => name in Object.prototype);
  if (names.length === 0) return;
  throw invalidInput(names.map((field) => ({ field, ...readable('whitelistValidation', '') })));
}

/** Depth-first, in the order of the fields; indexes in brackets: `lines[0].quantity`. */
export function flatten(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap((error) => {
    const field = pathOf(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
      field,
      ...readable(name, message),
    }));
    const basic = own.find((one) => BASIC_RULES.has(one.rule));
    return basic ? [basic] : [...own, ...flatten(error.children ?? [], field)];
  });
}

function pathOf(parent: string, property: string): string {
  if (/^\d+$/.test(property) && parent !== '') return `${parent}[${property}]`;
  const name = property.length <= 100 ? property : `${property.slice(0, 100)}…`;
  return parent === '' ? name : `${parent}.${name}`;
}

function readable(name: string, message: string): { rule: string; message: string } {
  if (name === 'whitelistValidation') return { rule: 'unknown-field', message: 'is not a field of this request' };
  if (name === 'nestedValidation') return { rule: 'object', message: 'must be an object' };
  return { rule: name, message };
}

function invalidInput(errors: FieldError[]): ProblemException {
  const shown = errors.slice(0, MAX_ERRORS);
  const detail = errors.length === 1 ? 'One rule is broken.' : `${errors.length} rules are broken.`;
  return badRequest({ type: 'invalid-input', detail, errors: shown });
}
