import 'reflect-metadata';
import type { AnyContract } from './contract.js';
import type { AnyQuery } from './query.js';

/** How a handler treats its messages; every field has a default. */
export interface HandlerOptions {
  /** Stable name of the handler inside its context; the deduplication key with the message id. Default: the class name in kebab-case. */
  name?: string;
  /**
   * Messages of one key and lane run one after another. Default: the context's common lane, so that all of a context's
   * handlers see a key's messages in order. A lane of its own lets a handler go on when another one's message is parked.
   */
  lane?: string;
  /** Attempts before the message is parked; default 10. */
  maxAttempts?: number;
  /** Milliseconds to wait after the n-th failed attempt, the last value repeating; default 1 s, 5 s, 30 s, 2 min, 10 min. */
  backoffMs?: readonly number[];
}

/**
 * For handlers that call somebody else's system. How its silence is borne: soon again, then every five minutes; after two
 * hours the message is parked, and a person is called.
 *
 * @example @Handles(CallTaxi, { ...PATIENT, lane: 'taxis' })
 */
export const PATIENT: HandlerOptions = {
  backoffMs: [500, 1_000, 2_000, 5_000, 30_000, 60_000, 120_000, 300_000],
  maxAttempts: 30,
};

/** One `@Handles` found on a class. */
export interface HandlerDeclaration extends HandlerOptions {
  contract: AnyContract;
  method: string;
  name: string;
}

/** One `@Answers` found on a class. */
export interface AnswererDeclaration {
  query: AnyQuery;
  method: string;
}

const HANDLES = Symbol('holdfast:handles');
const ANSWERS = Symbol('holdfast:answers');

/**
 * Marks the method of a provider that handles a message: `(data, tx, message) => …`. It runs in a unit of work of its
 * own that also completes the message, so its effect happens once however often the message arrives.
 *
 * @example
 * @Handles(CloseAccount)
 * async close(command: DataOf<typeof CloseAccount>, tx: Transaction) { … }
 */
export function Handles(contract: AnyContract, options: HandlerOptions = {}): MethodDecorator {
  return (target, method) => {
    const declared: HandlerDeclaration[] = Reflect.getOwnMetadata(HANDLES, target.constructor) ?? [];
    const name = options.name ?? kebab(target.constructor.name);
    Reflect.defineMetadata(
      HANDLES,
      [...declared, { ...options, contract, method: String(method), name }],
      target.constructor,
    );
  };
}

/**
 * Marks the method of a provider that answers a query from other contexts: `(input) => output`.
 *
 * @example
 * @Answers(PostalAddress)
 * async address({ accountId }: InputOf<typeof PostalAddress>) { … }
 */
export function Answers(query: AnyQuery): MethodDecorator {
  return (target, method) => {
    const declared: AnswererDeclaration[] = Reflect.getOwnMetadata(ANSWERS, target.constructor) ?? [];
    Reflect.defineMetadata(ANSWERS, [...declared, { query, method: String(method) }], target.constructor);
  };
}

/** The handlers a class declares. */
export function handlersOf(type: object): HandlerDeclaration[] {
  return Reflect.getOwnMetadata(HANDLES, type) ?? [];
}

/** The answerers a class declares. */
export function answerersOf(type: object): AnswererDeclaration[] {
  return Reflect.getOwnMetadata(ANSWERS, type) ?? [];
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase();
}
