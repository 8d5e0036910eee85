import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Conveyor, Intake, LastCarried, Letter, MessageSink, Place } from '../conveyor.js';
import type { Message } from '../message.js';
import { AcknowledgedPublisher } from './acknowledged-publisher.js';
import { JetStreamIntake } from './jet-stream-intake.js';
import { StreamWriter } from './stream-writer.js';

/** What a JetStream conveyor needs. */
export interface JetStreamConveyorOptions {
  connection: NatsConnection;
  /** Told about what goes wrong and is tried again. */
  failed: (part: string, error: unknown) => void;
  /** Whether a message that its source sends to itself is a command; default no. One to somebody else always is. */
  isOwnCommand?: (message: Pick<Message, 'type'>) => boolean;
  /**
   * The contexts that a source is known to command, itself perhaps among them; default none. Those that are not known are found
   * out by their first command, which a reader then sees up to a second later.
   */
  commandedBy?: (source: string) => readonly string[];
  /** Copies of each stream among the servers of a cluster; default 1. */
  replicas?: number;
  /** Messages under way at the same time; default 256. */
  inFlight?: number;
  /** Milliseconds between looks at whether a stream is still as it was left; default 10,000. */
  inspectEveryMs?: number;
}

/** A broker that has not answered by then is asked again. */
const ANSWER_MS = 2_500;

/**
 * The conveyor between processes: one stream per emitting context, an ordered copy of its outbox that only the context's
 * relay writes; one durable pull consumer per reader and stream. PostgreSQL stays the truth on both sides: what the broker
 * forgets is carried again, what it delivers twice is ignored.
 *
 * Uses what NATS 2.9 has.
 *
 * @example
 * const connection = await connectNats({ url, name: 'accounts' });
 * const conveyor = await JetStreamConveyor.on({ connection, failed: (part, error) => log.warn({ part, error }) });
 */
export class JetStreamConveyor implements Conveyor {
  readonly name = 'jetstream';
  private readonly writers = new Map<string, StreamWriter>();
  private readonly intakes: JetStreamIntake[] = [];
  private readonly doubts = new Map<string, () => void>();
  private readonly inspection: NodeJS.Timeout;

  private constructor(
    private readonly options: JetStreamConveyorOptions,
    private readonly jsm: JetStreamManager,
  ) {
    this.inspection = setInterval(() => void this.inspect(), options.inspectEveryMs ?? 10_000).unref();
    void this.watchConnection();
  }

  static async on(options: JetStreamConveyorOptions): Promise<JetStreamConveyor> {
    return new JetStreamConveyor(
      options,
      await jetstreamManager(options.connection, { checkAPI: false, timeout: ANSWER_MS }),
    );
  }

  connect(sink: MessageSink): Intake {
    const { connection, failed } = this.options;
    const intake = new JetStreamIntake({
      js: jetstream(connection, { timeout: ANSWER_MS }),
      jsm: this.jsm,
      sink,
      failed,
    });
    this.intakes.push(intake);
    return intake;
  }

  async carry(batch: readonly Message[], places?: readonly Place[]): Promise<void> {
    const letters = batch.map((message, index) => {
      const { id, source, type } = message;
      return { id, source, type, json: JSON.stringify(message), ...(places && { place: places[index]! }) };
    });
    await this.carryUnopened(letters);
  }

  async carryUnopened(batch: readonly Letter[]): Promise<void> {
    if (batch.length > 0) await this.writer(batch[0]!.source).write(batch);
  }

  async lastCarried(source: string, doubt: () => void): Promise<LastCarried | 'nothing'> {
    this.doubts.set(source, doubt);
    return this.writer(source).survey();
  }

  private writer(source: string): StreamWriter {
    let writer = this.writers.get(source);
    if (!writer) {
      const { connection, isOwnCommand, commandedBy, replicas = 1, inFlight = 256 } = this.options;
      writer = new StreamWriter({
        source,
        publisher: new AcknowledgedPublisher(connection, inFlight, ANSWER_MS),
        jsm: this.jsm,
        replicas,
        owners: commandedBy?.(source) ?? [],
        isCommand: (letter) => !letter.type.startsWith(`${source}.`) || (isOwnCommand?.(letter) ?? false),
      });
      this.writers.set(source, writer);
    }
    return writer;
  }

  /** Another server, or the same one after a crash, may know less: everybody begins with a question. */
  private async watchConnection(): Promise<void> {
    for await (const { type } of this.options.connection.status()) {
      if (type !== 'reconnect') continue;
      for (const source of this.writers.keys()) this.doubtAbout(source);
      for (const intake of this.intakes) intake.interrupt('the connection was lost');
    }
    clearInterval(this.inspection);
  }

  /** A stream that was wiped or overtaken while its writer had nothing to say is found out here. */
  private async inspect(): Promise<void> {
    for (const [source, writer] of this.writers) {
      try {
        if (!(await writer.isAsLeft())) this.doubtAbout(source);
      } catch (error) {
        this.options.failed(`${source} stream`, error);
      }
    }
  }

  private doubtAbout(source: string): void {
    this.writers.get(source)?.forget();
    const doubt = this.doubts.get(source);
    this.doubts.delete(source);
    doubt?.();
  }
}
