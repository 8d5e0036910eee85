import { describeConfig, envExample, loadConfig, withDotEnv } from '@holdfast/configuration';
import type { Context } from '../context/context.js';
import { gatewayConfig } from '../gateway/gateway.config.js';
import { behindGatewayConfig, gatewayKeyConfig, isBehindGateway } from '../identity/identity.config.js';
import { configurationOf } from './composition.js';
import { explainAndExit } from './start-fault.js';

/** Read by the launcher, which starts everything else. */
const DATA_DIR = `# --- launcher ---
# where the embedded PostgreSQL, nats-server and what is generated at the first start keep their files
# DATA_DIR=.holdfast
`;

/** For processes that the launcher tells by itself: nobody else needs to set any of it. */
const APART = [gatewayConfig, gatewayKeyConfig, behindGatewayConfig];

/** Prints every variable there is for these contexts: a template for `.env`, or the values in force with secrets redacted. */
export function printConfiguration(contexts: readonly Context[], { example }: { example: boolean }): void {
  const env = withDotEnv('.env', process.env);
  if (example) {
    process.stdout.write(exampleFor(contexts));
    return;
  }
  const definitions = configurationOf(contexts, { behindGateway: isBehindGateway(env) });
  try {
    const loaded = loadConfig(definitions, env);
    process.stdout.write(`${JSON.stringify(describeConfig(definitions, loaded), null, 2)}\n`);
  } catch (error) {
    explainAndExit(error);
  }
}

function exampleFor(contexts: readonly Context[]): string {
  const shop = envExample(configurationOf(contexts, { behindGateway: false }));
  return [DATA_DIR, shop, envExample(APART).replaceAll(/^(?=[A-Z])/gm, '# ')].join('\n');
}
