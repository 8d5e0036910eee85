import { repl } from '@nestjs/core';
import type { Context } from '../context/context.js';
import { composeProcess } from './composition.js';
import { explainAndExit } from './start-fault.js';

/**
 * Opens Nest's REPL over a process that mounts these contexts, without HTTP and without carrying messages: `get(UnitOfWork)`,
 * `debug(OrdersModule)`, `methods(OrderStore)` …
 */
export async function startRepl(name: string, contexts: readonly Context[]): Promise<void> {
  process.title = `holdfast ${name} repl`;
  try {
    const server = await repl(composeProcess(name, contexts).module);
    server.on('exit', () => process.exit(0));
  } catch (error) {
    explainAndExit(error);
  }
}
