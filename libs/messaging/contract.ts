import type { Static, TObject } from 'typebox';
import { Compile } from 'typebox/compile';
import { ContractViolation, type Violation } from './contract-violation.js';

/** An event has many readers and states what happened; a command has one owner and asks for something. */
export type MessageKind = 'event' | 'command';

/** A message contract: name, version, schema and key in one declaration. Made by {@link defineEvent} and {@link defineCommand}. */
export interface MessageContract<Kind extends MessageKind = MessageKind, Schema extends TObject = TObject> {
  readonly kind: Kind;
  /** `<context>.<name>`, e.g. `accounts.account-opened`. For an event the context emits it, for a command it owns it. */
  readonly name: string;
  readonly context: string;
  readonly version: number;
  /** The name on the wire: `accounts.account-opened.v1`. */
  readonly type: string;
  readonly schema: Schema;
  /** The property whose value orders messages: one key, one queue. */
  readonly key: string;
  /** The ordering key of some data, as text. */
  keyOf(data: Static<Schema>): string;
  /** Throws {@link ContractViolation} unless the data fits the schema. Unknown fields are allowed: a version only grows. */
  assert(data: unknown): void;
  /** A message value, to hand over where a sender is chosen later. */
  of(data: Static<Schema>): Outgoing<MessageContract<Kind, Schema>>;
}

/** A contract of what happened, past tense: its owner tells it, anybody reads it. */
export type EventContract<Schema extends TObject = TObject> = MessageContract<'event', Schema>;
/** A contract of what shall happen, imperative: anybody sends it, its owner obeys. */
export type CommandContract<Schema extends TObject = TObject> = MessageContract<'command', Schema>;
/** Any event or command, whatever its data. */
// oxlint-disable-next-line typescript/no-explicit-any -- the variance of a method parameter: any contract whatever its data
export type AnyContract = MessageContract<MessageKind, any>;

/** The TypeScript type of what a contract carries. */
export type DataOf<Contract extends { schema: TObject }> = Static<Contract['schema']>;

/** A contract with data that fits it. */
export interface Outgoing<Contract extends AnyContract = AnyContract> {
  readonly contract: Contract;
  readonly data: DataOf<Contract>;
}

interface KeyOption<Schema extends TObject> {
  key: keyof Static<Schema> & string;
}

/**
 * Declares an event: its name, version, JSON Schema and ordering key, once for the type, the runtime check and the documents.
 *
 * @param name `<emitting context>.<what happened>`, past tense: `accounts.account-opened`.
 * @param version Whole number from 1. Inside a version a schema only gains optional fields; anything else is a new version.
 * @param options.key The property that orders messages (usually the aggregate's id).
 * @throws Error when name or version are not of that form, the key is not a required property, or the schema refuses unknown
 *   fields (a newer emitter's additions would be faults).
 * @example
 * export const AccountOpened = defineEvent('accounts.account-opened', 1, Type.Object({ accountId: Uuid, limit: Money }), { key: 'accountId' });
 */
export function defineEvent<Schema extends TObject>(
  name: string,
  version: number,
  schema: Schema,
  options: KeyOption<Schema>,
): EventContract<Schema> {
  return defineMessage({ kind: 'event', name, version, schema, key: options.key });
}

/**
 * Declares a command: as {@link defineEvent}, but named after its one owner and in the imperative: `accounts.close-account`.
 *
 * @example
 * export const CloseAccount = defineCommand('accounts.close-account', 1, Type.Object({ accountId: Uuid }), { key: 'accountId' });
 */
export function defineCommand<Schema extends TObject>(
  name: string,
  version: number,
  schema: Schema,
  options: KeyOption<Schema>,
): CommandContract<Schema> {
  return defineMessage({ kind: 'command', name, version, schema, key: options.key });
}

interface Declaration<Kind extends MessageKind, Schema extends TObject> {
  kind: Kind;
  name: string;
  version: number;
  schema: Schema;
  key: string;
}

const CONTRACT_NAME = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

function defineMessage<Kind extends MessageKind, Schema extends TObject>({
  kind,
  name,
  version,
  schema,
  key,
}: Declaration<Kind, Schema>): MessageContract<Kind, Schema> {
  const context = contextOf(name, version);
  const type = `${name}.v${version}`;
  checkSchema(type, schema, key);
  const check = checker(type, schema);
  const contract: MessageContract<Kind, Schema> = Object.freeze({
    kind,
    name,
    context,
    version,
    type,
    schema,
    key,
    keyOf: (data: Static<Schema>) => String((data as Record<string, unknown>)[key]),
    assert: (data: unknown) => check(data),
    of: (data: Static<Schema>) => ({ contract, data }),
  }) as MessageContract<Kind, Schema>;
  return contract;
}

function checkSchema(type: string, schema: TObject, key: string): void {
  const required: readonly string[] = schema.required ?? [];
  if (!required.includes(key)) throw new Error(`Contract ${type}: its key "${key}" is not a required property`);
  if ((schema as { additionalProperties?: unknown }).additionalProperties === false) {
    throw new Error(`Contract ${type} refuses unknown fields, so it could never grow`);
  }
}

/** Splits and checks `<context>.<name>`; shared by messages and queries. */
export function contextOf(name: string, version: number): string {
  if (!CONTRACT_NAME.test(name))
    throw new Error(`Contract name "${name}" is not of the form <context>.<name> in kebab-case`);
  if (!Number.isInteger(version) || version < 1)
    throw new Error(`Contract ${name}: version ${version} is not a whole number from 1`);
  return name.slice(0, name.indexOf('.'));
}

/** A schema compiled on first use; throws {@link ContractViolation} listing every fault. */
export function checker(type: string, schema: TObject): (data: unknown) => void {
  let compiled: ReturnType<typeof Compile> | undefined;
  return (data) => {
    compiled ??= Compile(schema);
    if (compiled.Check(data)) return;
    const violations: Violation[] = compiled
      .Errors(data)
      .map(({ instancePath, keyword, message }) => ({ path: instancePath || '/', rule: keyword, message }));
    throw new ContractViolation(type, violations);
  };
}
