import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { commandsTo, eventsOf, streamOf } from './subjects.js';

const DAYS = 24 * 3_600_000;

/**
 * Longer than the outbox keeps what it has carried (7 days and a bit), so that the broker's last message of a context that
 * is still there is never gone just because it is old.
 */
const KEPT_MS = 14 * DAYS;

/** Catches a batch that is sent again at once; what comes later is refused by its sequence. */
const DUPLICATES_MS = 120_000;

export interface StreamNeeds {
  context: string;
  /** Who is sent commands by this context, as far as the caller knows. */
  owners: readonly string[];
  replicas: number;
}

/**
 * The stream of a context, made when it is missing, with its subjects added to when it lacks some; never taken from, since
 * an older or newer process may need them. Only its writer may do this; of its replicas, whoever comes first does.
 */
export async function provisionStream(jsm: JetStreamManager, needs: StreamNeeds): Promise<StreamInfo> {
  const { context, owners, replicas } = needs;
  const name = streamOf(context);
  const wanted = [eventsOf(context), ...owners.map((owner) => commandsTo(owner, context))];
  const known = await orUndefined(jsm.streams.info(name), JetStreamApiCodes.StreamNotFound);
  if (!known) {
    try {
      return await jsm.streams.add({
        name,
        subjects: wanted,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        max_age: nanos(KEPT_MS),
        duplicate_window: nanos(DUPLICATES_MS),
        num_replicas: replicas,
      });
    } catch (error) {
      if (!isApiError(error, NAME_IN_USE)) throw error; // another process made it meanwhile, with other subjects
      return provisionStream(jsm, needs);
    }
  }
  const { subjects } = known.config;
  const missing = wanted.filter((subject) => !subjects.includes(subject));
  if (missing.length === 0) return known;
  return jsm.streams.update(name, { ...known.config, subjects: [...subjects, ...missing] });
}

const NAME_IN_USE = 10058;

export function isApiError(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

/** The answer, or undefined when the server says that there is no such thing. */
export async function orUndefined<T>(asked: Promise<T>, code: number): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isApiError(error, code)) return undefined;
    throw error;
  }
}
