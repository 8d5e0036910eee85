import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import pino, { type DestinationStream } from 'pino';
import type { Options } from 'pino-http';
import pretty from 'pino-pretty';
import { currentSpanContext } from '../tracing/traceparent.js';
import { currentCorrelation } from './correlation.js';
import { redact } from './redact.js';
import { scrubber } from './scrub.js';
import { timeOfLine } from './time-of-line.js';
import { TurnWriter } from './turn-writer.js';

export interface LoggingOptions {
  /** Name of the process, on every line. */
  name: string;
  /** Lowest level written: `trace debug info warn error fatal silent`. Default `info`. */
  level?: string;
  /** Values that must never be written, from `LoadedConfig.secretValues()`. */
  secrets?: readonly string[];
  /** For people instead of machines. Default: only when standard output is a terminal. */
  pretty?: boolean;
  /** Where lines go. Default standard output: warnings before the call returns, the rest at the end of the turn. */
  destination?: DestinationStream;
}

/**
 * Logging for the process, on nestjs-pino: one JSON object per line with `trace_id`, `span_id`, `correlation_id` and
 * `causation_id` of the work at hand; private fields, addresses and tokens taken out.
 *
 * Call it after the modules of the contexts were imported (nestjs-pino collects `@InjectPinoLogger` names at this call)
 * and once per process (its root logger is one per process; the first call decides).
 *
 * @example
 * @Module({ imports: [...contexts, loggingModule({ name: 'monolith', level: 'info' })] })
 * class AppModule {}
 * app.useLogger(app.get(Logger));
 */
export function loggingModule(options: LoggingOptions): DynamicModule {
  const { destination, pretty: forPeople = !destination && process.stdout.isTTY === true } = options;
  const target = destination ?? standardOutput(forPeople);
  const stream = forPeople ? pretty({ colorize: true, destination: target as never, sync: true }) : target;
  // No middleware: a child logger per request costs more than the request line that http-telemetry writes.
  return LoggerModule.forRoot({ forRoutes: [], pinoHttp: [pinoOptions(options, forPeople), stream] });
}

function standardOutput(forPeople: boolean): DestinationStream {
  const output = pino.destination({ dest: 1, sync: true });
  return forPeople ? output : new TurnWriter(output);
}

function pinoOptions({ name, level = 'info', secrets }: LoggingOptions, forPeople: boolean): Options {
  const clean = scrubber(secrets);
  return {
    level,
    autoLogging: false,
    base: { process: name, pid: process.pid },
    timestamp: timeOfLine,
    formatters: { level: (label) => ({ level: label }), log: redact },
    // `redact` has described errors already; pino's own description would copy every field of theirs.
    serializers: { err: (described) => described },
    wrapSerializers: false,
    mixin: workAtHand,
    hooks: { streamWrite: forPeople ? (line) => disarm(clean(line)) : clean },
  };
}

/** A fresh object each time, because pino writes the fields of the record into it. */
function workAtHand(): Record<string, string | undefined> {
  const span = currentSpanContext();
  const correlation = currentCorrelation();
  return {
    ...(span && { trace_id: span.traceId, span_id: span.spanId }),
    ...(correlation && { correlation_id: correlation.correlationId, causation_id: correlation.causationId }),
  };
}

/** pino-pretty prints texts raw; on a terminal a control sequence in one of them could rewrite what is on screen. */
function disarm(line: string): string {
  return line.replace(/\\u00(?:0[0-8bcef]|1[\da-f]|7f|[89][\da-f])|[\u007f-\u009f]/gi, '\ufffd');
}
