import type { HandledMessage, RoadOptions } from '@holdfast/data-consistency';
import { recordHandler, scrub } from '@holdfast/observability';
import { Injectable, Logger } from '@nestjs/common';

const OUTCOMES = { handled: 'ok', retried: 'retried', parked: 'parked', lost: 'rejected' } as const;

/** Turns what happens on the roads into metrics and log lines. */
@Injectable()
export class RoadWatch {
  private readonly logger = new Logger('Road');
  private readonly complaints = new Map<string, number>();

  over(context: string): Pick<RoadOptions, 'observed' | 'failed'> {
    return {
      observed: (handled) => this.observed(context, handled),
      failed: (part, error) => this.failed(`${context} ${part}`, error),
    };
  }

  private observed(context: string, { handler, outcome, seconds, message, error }: HandledMessage): void {
    recordHandler({ context, handler, outcome: OUTCOMES[outcome], seconds });
    if (outcome === 'handled') return;
    const line = {
      msg: `${context} ${handler}: message ${outcome}`,
      messageId: message.messageId,
      type: message.type,
      attempt: message.attempts,
      correlation_id: message.envelope.correlationid,
      cause: textOf(error),
    };
    if (outcome === 'parked') this.logger.error(line);
    else this.logger.warn(line);
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
