import { JetStreamApiCodes, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import type { Intake, MessageSink } from '../conveyor.js';
import { IntakeSession } from './intake-session.js';
import { isApiError, orUndefined } from './streams.js';
import { STREAM_PREFIX, commandsTo, contextOfStream, streamOf } from './subjects.js';

export interface JetStreamIntakeOptions {
  js: JetStreamClient;
  jsm: JetStreamManager;
  sink: MessageSink;
  failed: (part: string, error: unknown) => void;
}

const LOOKED_EVERY_MS = 1_000;
const SOONEST_AGAIN_MS = 20;
/** A stream is its writer's to make; a reader may be there first. */
const UNTIL_IT_IS_MADE_MS = 250;
const LATEST_AGAIN_MS = 5_000;

/**
 * Everything a context reads, fetched by the one process that leads it: the streams of those whose events it reads, as
 * soon as their writers have made them, and every stream that may hold commands to it, looked for once a second.
 */
export class JetStreamIntake implements Intake {
  private readonly sessions = new Map<string, IntakeSession | undefined>();
  private readonly running = new Map<string, Promise<void>>();
  private leading = false;
  private looking: Promise<void> = Promise.resolve();
  private readonly sleepers = new Set<() => void>();

  constructor(private readonly options: JetStreamIntakeOptions) {}

  lead(): void {
    this.leading = true;
    this.looking = this.lookAround();
  }

  async stepDown(): Promise<void> {
    this.leading = false;
    this.interrupt('no longer leading');
    await this.looking;
    await Promise.all(this.running.values());
    this.running.clear();
  }

  /** Every session ends; while this leads, new ones begin at once. */
  interrupt(why: string): void {
    for (const session of this.sessions.values()) session?.end(why);
    for (const wake of this.sleepers) wake();
  }

  /** What each stream has after the last acknowledgement. @throws when the broker does not answer */
  async waiting(): Promise<Record<string, number>> {
    const streams = [...(await this.streams())];
    const counts = streams.map(async (stream) => [contextOfStream(stream), await this.waitingIn(stream)] as const);
    return Object.fromEntries(await Promise.all(counts));
  }

  private async waitingIn(stream: string): Promise<number> {
    const { jsm, sink } = this.options;
    const info = orUndefined(jsm.consumers.info(stream, sink.context), JetStreamApiCodes.ConsumerNotFound);
    const reader = await orUndefined(info, JetStreamApiCodes.StreamNotFound);
    if (reader) return reader.num_pending + reader.num_ack_pending;
    return (await orUndefined(jsm.streams.info(stream), JetStreamApiCodes.StreamNotFound))?.state.messages ?? 0;
  }

  private async lookAround(): Promise<void> {
    while (this.leading) {
      try {
        for (const stream of await this.streams()) {
          if (this.leading && !this.running.has(stream)) this.running.set(stream, this.read(stream));
        }
      } catch (error) {
        this.complain('looking for streams', error);
      }
      await this.pause(LOOKED_EVERY_MS);
    }
  }

  private async streams(): Promise<Set<string>> {
    const { jsm, sink } = this.options;
    const streams = new Set<string>();
    for (const { kind, context } of sink.contracts) if (kind === 'event') streams.add(streamOf(context));
    if (sink.contracts.some(({ kind }) => kind === 'command')) {
      for await (const stream of jsm.streams.names(commandsTo(sink.context))) {
        if (stream.startsWith(STREAM_PREFIX)) streams.add(stream);
      }
    }
    return streams;
  }

  /** Session after session, as long as this leads. */
  private async read(stream: string): Promise<void> {
    let againMs = SOONEST_AGAIN_MS;
    while (this.leading) {
      const began = performance.now();
      let session: IntakeSession | undefined;
      try {
        session = new IntakeSession({
          ...this.options,
          stream,
          skipped: (what) => this.complain('skipped', new Error(what)),
        });
        this.sessions.set(stream, session);
        const why = await session.run();
        if (this.leading) this.complain(stream, new Error(`${why}; fetching goes on after the last acknowledgement`));
      } catch (error) {
        if (isApiError(error, JetStreamApiCodes.StreamNotFound)) againMs = UNTIL_IT_IS_MADE_MS;
        else this.complain(stream, error);
      }
      this.sessions.delete(stream);
      if (session?.progressed || performance.now() - began > LATEST_AGAIN_MS) againMs = SOONEST_AGAIN_MS;
      await this.pause(againMs);
      againMs = Math.min(againMs * 2, LATEST_AGAIN_MS);
    }
  }

  private complain(part: string, error: unknown): void {
    this.options.failed(`${this.options.sink.context} intake, ${part}`, error);
  }

  private async pause(ms: number): Promise<void> {
    if (!this.leading) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.sleepers.add(wake);
    });
  }
}
