import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Counts the spans a collector refused, because the SDK reports that to nobody by default. */
export class CountingExporter implements SpanExporter {
  failed = 0;

  constructor(private readonly target: SpanExporter) {}

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.target.export(spans, (result) => {
      if (result.code !== 0) this.failed += spans.length;
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.target.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.target.forceFlush?.();
  }
}
