import { readFileSync } from 'node:fs';

export interface Settings {
  host: string;
  port: number;
  dataDirectory: string;
  webhookUrl: string;
  acme: ProviderSecrets;
  globex: ProviderSecrets;
  controlKey?: string;
  hangMs: number;
  outcomeDelayMs: number;
}

export interface ProviderSecrets {
  apiKey: string;
  webhookSecret: string;
}

/** Reads the settings, or refuses with every fault in one message. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];

  const text = (name: string) => {
    const value = (env[name] || contentOf(env[`${name}_FILE`]))?.trim();
    if (!value) faults.push(`${name} is missing`);
    return value ?? '';
  };
  const integer = (name: string, value: string, max: number) => {
    if (!/^\d+$/.test(value) || Number(value) > max) faults.push(`${name} must be an integer from 0 to ${max}`);
    return Number(value);
  };
  const required = (name: string, max: number) => {
    const value = text(name);
    return value ? integer(name, value, max) : 0;
  };
  const url = (name: string) => {
    const value = text(name);
    if (value && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) faults.push(`${name} must be an http(s) URL`);
    return value.replace(/\/+$/, '');
  };

  const settings: Settings = {
    host: env.PAYMENT_PROVIDER_HOST || '127.0.0.1',
    port: required('PAYMENT_PROVIDER_PORT', 65_535),
    dataDirectory: text('PAYMENT_PROVIDER_DATA'),
    webhookUrl: url('PAYMENT_PROVIDER_WEBHOOK_URL'),
    acme: { apiKey: text('ACME_API_KEY'), webhookSecret: text('ACME_WEBHOOK_SECRET') },
    globex: { apiKey: text('GLOBEX_API_KEY'), webhookSecret: text('GLOBEX_WEBHOOK_SECRET') },
    controlKey: env.PAYMENT_PROVIDER_CONTROL_KEY || undefined,
    hangMs: integer('PAYMENT_PROVIDER_HANG_MS', env.PAYMENT_PROVIDER_HANG_MS || '15000', 600_000),
    outcomeDelayMs: integer(
      'PAYMENT_PROVIDER_OUTCOME_DELAY_MS',
      env.PAYMENT_PROVIDER_OUTCOME_DELAY_MS || '150',
      60_000,
    ),
  };
  if (faults.length > 0)
    throw new Error(`payment-provider refuses to start:\n${faults.map((f) => `  - ${f}`).join('\n')}`);
  return settings;
}

function contentOf(file: string | undefined): string | undefined {
  return file && readFileSync(file, 'utf8');
}
