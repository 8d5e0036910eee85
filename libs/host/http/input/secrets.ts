const SECRETS = 'holdfast:secrets';

/** Marks a field as one that is stored nowhere, not even as a quick hash. */
export const secret: PropertyDecorator = (prototype, field) => {
  Reflect.defineMetadata(SECRETS, [...secretsOf(prototype), String(field)], prototype);
};

/** The secret fields of an input class. */
export function secretsOf(prototype: object): readonly string[] {
  return (Reflect.getMetadata(SECRETS, prototype) as string[] | undefined) ?? [];
}
