import type { Conveyor, MessageSink } from './conveyor.js';
import type { Message } from './message.js';

/**
 * The conveyor of a single process: puts each message into the inbox of every context that reads it.
 * Messages pass through JSON on the way (they come from the outbox table), so nothing live is ever shared.
 *
 * @example
 * const conveyor = new InProcessConveyor();
 * conveyor.connect(accountsInbox);
 * await conveyor.carry(batch);
 */
export class InProcessConveyor implements Conveyor {
  readonly name = 'in-process';
  private readonly sinks: MessageSink[] = [];

  connect(sink: MessageSink): void {
    this.sinks.push(sink);
  }

  /** What was carried is in the inboxes: there is nothing in between that could forget. */
  lastCarried(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async carry(batch: readonly Message[]): Promise<void> {
    const results = await Promise.allSettled(
      this.sinks.map(async (sink) => {
        const wanted = batch.filter((message) => sink.reads(message));
        if (wanted.length > 0) await sink.ingest(wanted);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason; // only when every other reader has ended too: nothing of a batch is left under way
  }
}
