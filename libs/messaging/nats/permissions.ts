import { commandsTo, eventsOf, querySubject, streamOf } from './subjects.js';

/** What a context says and hears, by the types of its contracts; `manifestOf` of @holdfast/host gives it. */
export interface NatsNeeds {
  name: string;
  /** Types of events it reads. */
  reads: readonly string[];
  /** Types of commands it sends. */
  sends: readonly string[];
  /** Types of commands to itself that no contract declares, such as a saga's timers. */
  timers: readonly string[];
  asks: readonly string[];
  answers: readonly string[];
}

/** Who logs in to NATS: the processes that mount the same contexts. What they mount decides what they may do. */
export interface NatsUser {
  /** What this user's processes mount; empty for one that only asks, such as a gateway. */
  contexts: readonly string[];
  /** The name below which replies come to it; default: its contexts. See {@link inboxOf}. */
  inbox?: string;
  /** Queries it asks besides those of its contexts. */
  asks?: readonly string[];
  /** Queries it answers besides those of its contexts. */
  answers?: readonly string[];
}

/** Subjects a user may publish to and subscribe to, with NATS wildcards; what is not listed is refused. */
export interface NatsPermissions {
  publish: string[];
  subscribe: string[];
  /** Whether it may answer whoever asked it, for a while. */
  responds: boolean;
}

/** The bucket in which processes say where they are. */
export const REGISTRY_BUCKET = 'registry';

/**
 * Below which subjects replies come to a user, so that the server can keep everybody else from listening.
 *
 * @param names the contexts of a process, in any order, or another name that is nobody else's
 * @example inboxOf(['ledger', 'accounts']) // '_INBOX_accounts_ledger'
 */
export function inboxOf(names: readonly string[]): string {
  return `_INBOX_${names
    .toSorted()
    .join('_')
    .replaceAll(/[^\w-]/g, '_')}`;
}

/**
 * Exactly the subjects a user needs, from what its contexts say about themselves. Everything else is refused by the server:
 * it writes its own streams only, reads the streams that hold something for it, through consumers of its own name, asks and
 * answers what it declares, and hears replies to itself.
 *
 * A consumer reads a whole stream, so a reader of one event of a context could read all that this context emits. And the
 * server does not look into what a stream or consumer is asked to be: see ADR 11 for what that leaves open.
 *
 * @param user whose permissions
 * @param everybody all contexts there are: a reader of commands reads the streams of those who send them
 * @throws Error naming a context that nobody described
 * @example natsPermissions({ contexts: ['accounts'] }, manifests).publish // ['evt.accounts.>', 'cmd.accounts.ledger.>', …]
 */
export function natsPermissions(user: NatsUser, everybody: readonly NatsNeeds[]): NatsPermissions {
  const mounted = user.contexts.map((name) => {
    const needs = everybody.find((one) => one.name === name);
    if (!needs) throw new Error(`Nobody described the context ${name}`);
    return needs;
  });
  const asks = [...mounted.flatMap((one) => one.asks), ...(user.asks ?? [])];
  const answers = [...mounted.flatMap((one) => one.answers), ...(user.answers ?? [])];
  return {
    publish: unique([
      ...mounted.flatMap((one) => [...written(one), ...read(one, everybody)]),
      ...asks.map(querySubject),
      ...registry([...user.contexts, ...(user.inbox ? [user.inbox] : [])]),
    ]),
    subscribe: unique([`${inboxOf(user.inbox ? [user.inbox] : user.contexts)}.>`, ...answers.map(querySubject)]),
    responds: answers.length > 0,
  };
}

/** A context's own stream: what goes in, and its care. Nobody deletes or purges one. */
function written({ name, sends, timers }: NatsNeeds): string[] {
  const owners = unique([...sends, ...timers].map(ownerOf));
  const stream = streamOf(name);
  return [
    eventsOf(name),
    ...owners.map((owner) => commandsTo(owner, name)),
    ...['INFO', 'CREATE', 'UPDATE', 'MSG.GET'].map((act) => `$JS.API.STREAM.${act}.${stream}`),
  ];
}

/** The streams that hold something for a context, through the consumer that has its name. */
function read(reader: NatsNeeds, everybody: readonly NatsNeeds[]): string[] {
  const commanders = everybody.filter(({ sends, timers }) => [...sends, ...timers].map(ownerOf).includes(reader.name));
  const sources = unique([...reader.reads.map(ownerOf), ...commanders.map(({ name }) => name)]);
  const perStream = sources
    .map(streamOf)
    .flatMap((stream) => [
      `$JS.API.STREAM.INFO.${stream}`,
      ...['INFO', 'CREATE', 'DELETE', 'MSG.NEXT'].map((act) => `$JS.API.CONSUMER.${act}.${stream}.${reader.name}`),
      `$JS.ACK.${stream}.${reader.name}.>`,
    ]);
  return commanders.length > 0 ? ['$JS.API.STREAM.NAMES', ...perStream] : perStream;
}

/** Anybody may read the registry, and say where it is itself; who only watches has a key as well, to see that it works. */
function registry(names: readonly string[]): string[] {
  const stream = `KV_${REGISTRY_BUCKET}`;
  return [
    ...names.map((name) => `$KV.${REGISTRY_BUCKET}.${name}.>`),
    ...['INFO', 'CREATE', 'MSG.GET'].map((act) => `$JS.API.STREAM.${act}.${stream}`),
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.DELETE.${stream}.*`,
    `$JS.FC.${stream}.>`,
  ];
}

const ownerOf = (type: string) => type.slice(0, type.indexOf('.'));
const unique = (names: readonly string[]) => [...new Set(names)];
