import { registerDecorator } from 'class-validator';

/** `true` when the value keeps the rule. A rule about a value of another kind keeps quiet: the kind has its own rule. */
export type Holds = (value: unknown) => boolean;

/**
 * One named rule of a field. The name is what clients see as `errors[].rule`.
 * `undefined` breaks only the rule `required`, so an optional field is one without it.
 */
export function rule(name: string, holds: Holds, message: string): PropertyDecorator {
  return registered(name, (value) => value === undefined || holds(value), message);
}

export function required(): PropertyDecorator {
  return registered('required', (value) => value !== undefined, 'is required');
}

/** Rules of ours, told apart from those of other libraries that class-validator knows as well. */
const ours = new WeakSet<object>();

/** The rule behind class-validator's metadata of it; undefined when it is not one of ours. */
export function holdsOf({ constraints }: { constraints?: unknown[] }): Holds | undefined {
  const [holds] = constraints ?? [];
  return typeof holds === 'function' && ours.has(holds) ? (holds as Holds) : undefined;
}

function registered(name: string, holds: Holds, message: string): PropertyDecorator {
  ours.add(holds);
  return (target, property) =>
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options: { message },
      constraints: [holds],
      validator: { validate: holds },
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
