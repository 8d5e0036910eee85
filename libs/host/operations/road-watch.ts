import type { HandledMessage, Horizon, RoadOptions, StuckSaga } from '@holdfast/data-consistency';
import { recordHandler, scrub } from '@holdfast/observability';
import { Injectable, Logger } from '@nestjs/common';

const OUTCOMES = { handled: 'ok', retried: 'retried', parked: 'parked', lost: 'rejected' } as const;

/** Turns what happens on the roads into metrics and log lines. */
@Injectable()
export class RoadWatch {
  private readonly logger = new Logger('Road');
  private readonly complaints = new Map<string, number>();
  private readonly stuck = new Map<string, StuckSaga>();

  over(context: string): Pick<RoadOptions, 'observed' | 'failed' | 'stalled'> {
    return {
      observed: (handled) => this.observed(context, handled),
      failed: (part, error) => this.failed(`${context} ${part}`, error),
      stalled: (horizon) => this.stalled(context, horizon),
    };
  }

  /** Said once its message is handled: until then it may still come to nothing, or be said again. */
  gotStuck(context: string, stuck: StuckSaga): void {
    this.stuck.set(`${context} ${stuck.messageId}`, stuck);
  }

  private observed(context: string, { handler, outcome, seconds, message, error }: HandledMessage): void {
    recordHandler({ context, handler, outcome: OUTCOMES[outcome], seconds });
    this.alarm(`${context} ${message.messageId}`, outcome);
    if (outcome === 'handled') return;
    const line = {
      msg: `${context} ${handler}: message ${outcome}`,
      messageId: message.messageId,
      type: message.type,
      attempt: message.attempts + message.notHere,
      correlation_id: message.envelope.correlationid,
      cause: textOf(error),
    };
    if (outcome === 'parked') this.logger.error(line);
    else this.logger.warn(line);
  }

  private alarm(key: string, outcome: HandledMessage['outcome']): void {
    const stuck = this.stuck.get(key);
    if (!stuck) return;
    this.stuck.delete(key);
    if (outcome !== 'handled') return;
    const { saga, id, step, undoing, asks } = stuck;
    const what = undoing ? `the undo of "${step}"` : `"${step}"`;
    this.logger.error({
      msg: `saga ${saga} is stuck: nobody answers ${what}`,
      saga,
      sagaId: id,
      step,
      asks,
      remedy: `see what keeps the step from being done, then POST /ops/sagas/${id}/resume`,
    });
  }

  private stalled(context: string, { waitingSeconds, holder }: Horizon): void {
    const { pid, prepared, role } = holder!;
    const who = pid === null ? `the prepared transaction ${prepared}` : `the open transaction of process ${pid}`;
    const end = pid === null ? `rollback prepared '${prepared}'` : `select pg_terminate_backend(${pid})`;
    this.logger.error({
      msg: `${context}: messages have waited ${Math.round(waitingSeconds)} s for ${who}, role ${role}`,
      waitingSeconds,
      holder,
      remedy: `find out what it does and end it: ${end}; give the role an idle_in_transaction_session_timeout`,
    });
  }

  /** One line per part and ten seconds: a database that is away would otherwise fill the log. */
  private failed(part: string, error: unknown): void {
    const now = performance.now();
    if (now - (this.complaints.get(part) ?? -Infinity) < 10_000) return;
    this.complaints.set(part, now);
    this.logger.warn(`${part}: ${textOf(error)}`);
  }
}

function textOf(error: unknown): string {
  return scrub(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
