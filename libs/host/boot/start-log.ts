import type { LoggerService } from '@nestjs/common';

/** Nest announces every module and route at each start; `/docs` and `/ops` say it better. */
const ROUTINE = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** The logger without Nest's routine announcements; warnings and errors of the same sources stay. */
export function withoutRoutine(logger: LoggerService): LoggerService {
  const quiet = Object.create(logger) as LoggerService;
  quiet.log = (message: unknown, ...rest: unknown[]) => {
    if (!ROUTINE.has(String(rest.at(-1)))) logger.log(message, ...rest);
  };
  return quiet;
}
