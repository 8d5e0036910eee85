import type { ConfigDefinition } from '@holdfast/configuration';
import type { ExpiringTable, Projection, Saga } from '@holdfast/data-consistency';
import {
  answerersOf,
  handlersOf,
  type AnswererDeclaration,
  type AnyQuery,
  type CommandContract,
  type EventContract,
  type HandlerDeclaration,
} from '@holdfast/messaging';
import type { SessionEnds } from '@holdfast/security';
import type { Type } from '@nestjs/common';
import type { EntitySchema } from 'typeorm';
import type { TokenFeed } from '../identity/token-feed.js';

/** Runs once on a fresh database; must be safe to run again after a crash. */
export interface Seed {
  seed(): Promise<void>;
}

/** Says something at start. */
export interface StartNotice {
  lines(): string[];
}

/** A context that issues access tokens names the providers that an edge needs to judge them. */
export interface TokenIssuer {
  /** Knows whose keys count and which sessions ended. */
  feed: Type<TokenFeed>;
  /** Announces every session that ends in this process. */
  ends: Type<SessionEnds>;
}

/** What a context says about itself; everything else follows from the decorators in its module. */
export interface ContextDeclaration {
  /** Also its schema and the first segment of its contracts. */
  name: string;
  /** A plain Nest module: controllers and providers. */
  module: Type;
  /** Events it emits. */
  emits?: readonly EventContract[];
  /** Commands it sends, to others or to itself. */
  sends?: readonly CommandContract[];
  /** Queries it asks of others. */
  asks?: readonly AnyQuery[];
  projections?: readonly Projection[];
  /** Every version of a saga that may still have running instances. */
  // oxlint-disable-next-line typescript/no-explicit-any -- sagas of any state
  sagas?: readonly Saga<any>[];
  /** Its tables whose rows are forgotten, within the hour, once a moment that each of them names is past. */
  expiring?: readonly ExpiringTable[];
  config?: readonly ConfigDefinition[];
  /** Mapped by TypeORM for ordinary reads. */
  entities?: readonly (Type | EntitySchema)[];
  seed?: Type<Seed>;
  /** Messages handled at the same time; default 8. More where handlers wait for somebody outside. */
  concurrency?: number;
  /** Set by the one context that issues access tokens. */
  tokens?: TokenIssuer;
  /** Lines for whoever starts the process in development. */
  notice?: Type<StartNotice>;
}

type Optional = 'seed' | 'tokens' | 'notice' | 'concurrency';

/** A bounded context as a value: an application is a list of these. */
export interface Context extends Required<Omit<ContextDeclaration, Optional>>, Pick<ContextDeclaration, Optional> {
  readonly providers: readonly Type[];
  readonly controllers: readonly Type[];
  readonly handles: readonly (HandlerDeclaration & { provider: Type })[];
  readonly answers: readonly (AnswererDeclaration & { provider: Type })[];
}

/**
 * Declares a context. Its routes, subscriptions, handled commands and answered queries are read from the decorators of
 * the module's controllers and providers, so nothing is listed twice.
 *
 * @throws Error when a contract it emits, a command it handles or a query it answers belongs to another context
 * @example
 * export const orders = defineContext({ name: 'orders', module: OrdersModule, emits: [OrderPlaced] });
 */
export function defineContext(declaration: ContextDeclaration): Context {
  const { name, module } = declaration;
  const providers = typesIn(module, 'providers');
  const context: Context = {
    emits: [],
    sends: [],
    asks: [],
    projections: [],
    sagas: [],
    expiring: [],
    config: [],
    entities: [],
    ...declaration,
    providers,
    controllers: typesIn(module, 'controllers'),
    handles: providers.flatMap((provider) => handlersOf(provider).map((handler) => ({ ...handler, provider }))),
    answers: providers.flatMap((provider) => answerersOf(provider).map((answerer) => ({ ...answerer, provider }))),
  };
  const foreign = [
    ...context.emits.filter((event) => event.context !== name).map(({ type }) => `emits ${type}`),
    ...context.handles
      .filter(({ contract }) => contract.kind === 'command' && contract.context !== name)
      .map(({ contract }) => `handles the command ${contract.type}`),
    ...context.answers.filter(({ query }) => query.context !== name).map(({ query }) => `answers ${query.type}`),
  ];
  if (foreign.length > 0) throw new Error(`Context ${name} ${foreign.join(', ')}: that is another context's to do`);
  return Object.freeze(context);
}

function typesIn(module: Type, key: 'providers' | 'controllers'): Type[] {
  const declared = (Reflect.getMetadata(key, module) ?? []) as unknown[];
  return declared.flatMap((entry) => {
    if (typeof entry === 'function') return [entry as Type];
    const { useClass } = entry as { useClass?: Type };
    return useClass ? [useClass] : [];
  });
}
