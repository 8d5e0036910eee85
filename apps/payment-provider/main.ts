import { startPaymentProvider } from './payment-provider.js';
import { readSettings } from './settings.js';

try {
  const starting = startPaymentProvider(readSettings(process.env));
  const stop = () => void starting.then((provider) => provider.close()).then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
  console.log(`payment-provider listening on ${(await starting).url}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
