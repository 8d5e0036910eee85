import { describeConfig, envExample, loadConfig, withDotEnv } from '@holdfast/configuration';
import type { Context } from '../context/context.js';
import { isBehindGateway } from '../identity/identity.config.js';
import { configurationOf } from './composition.js';
import { explainAndExit } from './start-fault.js';

/** Prints every variable these contexts understand: a template for `.env`, or the values in force with secrets redacted. */
export function printConfiguration(contexts: readonly Context[], { example }: { example: boolean }): void {
  const env = withDotEnv('.env', process.env);
  const definitions = configurationOf(contexts, { behindGateway: isBehindGateway(env) });
  if (example) {
    process.stdout.write(envExample(definitions));
    return;
  }
  try {
    const loaded = loadConfig(definitions, env);
    process.stdout.write(`${JSON.stringify(describeConfig(definitions, loaded), null, 2)}\n`);
  } catch (error) {
    explainAndExit(error);
  }
}
