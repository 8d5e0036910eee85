import { TransformationType, type ClassConstructor, type TransformFnParams } from 'class-transformer';
import { defaultMetadataStorage as transformations } from 'class-transformer/cjs/storage.js';
import { ValidationTypes, getMetadataStorage } from 'class-validator';
import { holdsOf, type Holds } from './rule.js';

/** Gives good input as an instance of its class; undefined when it is not certain that every rule holds. */
export type ReadInput = (input: unknown) => object | undefined;

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Values = Record<string, unknown>;

interface Field {
  name: string;
  rules: readonly Holds[];
  transforms: readonly ((params: TransformFnParams) => unknown)[];
  /** Reads an object inside, or each item of a list. */
  nested?: ReadInput;
}

/** By class; undefined where class-validator must do it. */
const readers = new Map<ClassConstructor<object>, ReadInput | undefined>();
const TO_CLASS = TransformationType.PLAIN_TO_CLASS;
const OPTIONS = Object.freeze({ enableImplicitConversion: false });

/**
 * What class-transformer and class-validator would make of good input, worked out once per class from the metadata of their
 * own decorators (doing it anew for each request was a fifth of an order's CPU). It only ever accepts: for input that
 * breaks a rule, or might, it answers undefined, and class-validator says what is wrong.
 *
 * @returns undefined for a class with a decorator that is not one of ours
 */
export function compiledInput(type: ClassConstructor<object>): ReadInput | undefined {
  if (!readers.has(type)) {
    readers.set(type, undefined); // a class that contains itself is left to class-validator
    readers.set(type, compile(type));
  }
  return readers.get(type);
}

function compile(type: ClassConstructor<object>): ReadInput | undefined {
  const exposes = transformations.getStrategy(type) !== 'none' || transformations.getExposedMetadatas(type).length > 0;
  if (exposes || transformations.getExcludedMetadatas(type).length > 0) return undefined;
  const metadata = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const fields = new Map<string, Field>();
  for (const [name, ofField] of Map.groupBy(metadata, ({ propertyName }) => propertyName)) {
    const field = fieldOf(type, name, ofField);
    if (!field) return undefined;
    fields.set(name, field);
  }
  return fields.size > 0 ? (input) => read(input, type, fields) : undefined;
}

function fieldOf(type: ClassConstructor<object>, name: string, metadata: readonly Metadata[]): Field | undefined {
  const rules: Holds[] = [];
  let isNested = false;
  for (const one of metadata) {
    const holds = holdsOf(one);
    if (holds) rules.push(holds);
    else if (one.type === ValidationTypes.NESTED_VALIDATION && !isNested) isNested = true;
    else if (one.type !== ValidationTypes.WHITELIST) return undefined;
    if (isConditional(one)) return undefined;
  }
  const transforms = transformations.findTransformMetadatas(type, name, TO_CLASS);
  if (transforms.some(({ options }) => options !== undefined && Object.keys(options).length > 0)) return undefined;
  const typed = transformations.findTypeMetadata(type, name);
  if (isNested !== (typed !== undefined)) return undefined;
  const nested = typed && compiledInput(typed.typeFunction() as ClassConstructor<object>);
  if (typed && (!nested || typed.options?.discriminator)) return undefined;
  return { name, rules, transforms: transforms.map(({ transformFn }) => transformFn), ...(nested && { nested }) };
}

/** Whether a rule applies sometimes only; none of ours does. */
function isConditional({ type, validateIf, always, groups, each }: Metadata): boolean {
  const listed = each && type !== ValidationTypes.NESTED_VALIDATION;
  return validateIf !== undefined || always !== undefined || (groups ?? []).length > 0 || listed;
}

function read(input: unknown, type: ClassConstructor<object>, fields: ReadonlyMap<string, Field>): object | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return undefined;
  const given = input as Values;
  const instance = new type() as Values;
  for (const name of Object.keys(given)) {
    const field = fields.get(name);
    if (!field) return undefined;
    const value = valueOf(field, given);
    if (value === UNCERTAIN) return undefined;
    instance[name] = value;
  }
  for (const { name, rules } of fields.values()) {
    const value = instance[name];
    for (const holds of rules) if (!holds(value)) return undefined;
  }
  return instance;
}

const UNCERTAIN = Symbol('uncertain');

function valueOf({ name, transforms, nested }: Field, given: Values): unknown {
  const raw = given[name];
  if (nested) {
    const inside = Array.isArray(raw) ? readAll(raw, nested) : nested(raw);
    return inside === undefined || transformed(inside, name, transforms, given) !== inside ? UNCERTAIN : inside;
  }
  // class-transformer would copy it, deeply
  if (typeof raw === 'object') return UNCERTAIN;
  return transformed(raw, name, transforms, given);
}

function readAll(items: readonly unknown[], nested: ReadInput): object[] | undefined {
  const instances: object[] = [];
  for (const item of items) {
    const instance = nested(item);
    if (instance === undefined) return undefined;
    instances.push(instance);
  }
  return instances;
}

function transformed(value: unknown, key: string, transforms: Field['transforms'], obj: Values): unknown {
  let result = value;
  for (const transform of transforms) result = transform({ value: result, key, obj, type: TO_CLASS, options: OPTIONS });
  return result;
}
