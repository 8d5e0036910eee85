import { registerDecorator } from 'class-validator';

/** `true` when the value keeps the rule. A rule about a value of another kind keeps quiet: the kind has its own rule. */
export type Holds = (value: unknown) => boolean;

/**
 * One named rule of a field. The name is what clients see as `errors[].rule`.
 * `undefined` breaks only the rule `required`, so an optional field is one without it.
 */
export function rule(name: string, holds: Holds, message: string): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options: { message },
      validator: { validate: (value: unknown) => value === undefined || holds(value) },
    });
}

export function required(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'required',
      target: target.constructor,
      propertyName: String(property),
      options: { message: 'is required' },
      validator: { validate: (value: unknown) => value !== undefined },
    });
}

/** What every field decorator understands. */
export interface FieldOptions<T = unknown> {
  /** May be left out. `null` is never accepted. Default `false`. */
  optional?: boolean;
  /** Shown in the documentation and sent by its "Try it out". */
  example?: T;
  description?: string;
}

export const presence = ({ optional }: FieldOptions): PropertyDecorator[] => (optional ? [] : [required()]);
