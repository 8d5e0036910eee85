import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './faults/fault-script.js';
import type { Entry } from './ledger/payment.js';
import { startPaymentProvider } from './payment-provider.js';
import type { Settings } from './settings.js';

export interface ReceivedWebhook {
  provider: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export const secrets = {
  acme: { apiKey: 'acme-api-key', webhookSecret: 'acme-webhook-secret' },
  globex: { apiKey: 'globex-api-key', webhookSecret: 'globex-webhook-secret' },
};
export const controlKey = 'control-key';

/** Listens where the shop would, and answers 200 unless told otherwise. */
export async function startWebhookSink() {
  const received: ReceivedWebhook[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const provider = request.url!.replace('/hooks/', '');
      received.push({ provider, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answerNext: (...statuses: number[]) => answers.push(...statuses),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A running provider on its own ledger, with the two clients a merchant would write. */
export async function startFixture(overrides: Partial<Settings> = {}) {
  const sink = await startWebhookSink();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'payment-provider-'));
  const settings: Settings = {
    host: '127.0.0.1',
    port: 0,
    dataDirectory,
    webhookUrl: sink.url,
    ...secrets,
    controlKey,
    hangMs: 100,
    outcomeDelayMs: 20,
    ...overrides,
  };
  let provider = await startPaymentProvider(settings);

  async function acme(method: string, path: string, { key, body }: AcmeCall = {}) {
    const headers: Record<string, string> = { authorization: `Bearer ${secrets.acme.apiKey}` };
    if (key) headers['idempotency-key'] = key;
    if (body) headers['content-type'] = 'application/json';
    const url = `${provider.url}/acme/v1${path}`;
    const response = await fetch(url, {
      method,
      headers,
      body: body && JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parseJson(text) };
  }

  async function globex(method: string, path: string, { fields, headers }: GlobexCall = {}) {
    const body = fields && new URLSearchParams(fields).toString();
    const target = `/globex/api${path}`;
    const timestamp = String(Date.now());
    const response = await fetch(provider.url + target, {
      method,
      headers: {
        'x-globex-key': createHash('sha256').update(secrets.globex.apiKey).digest('hex').slice(0, 16),
        'x-globex-timestamp': timestamp,
        'x-globex-signature': createHmac('sha256', secrets.globex.apiKey)
          .update(`${method}\n${target}\n${timestamp}\n${body ?? ''}`)
          .digest('base64'),
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      body,
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, text, body: Object.fromEntries(new URLSearchParams(text)) };
  }

  async function control(method: string, path: string, body?: object, headers?: Record<string, string>) {
    const response = await fetch(`${provider.url}/_control${path}`, {
      method,
      headers: { 'x-control-key': controlKey, ...(body && { 'content-type': 'application/json' }), ...headers },
      body: body && JSON.stringify(body),
    });
    return { status: response.status, body: parseJson(await response.text()) };
  }

  return {
    sink,
    acme,
    globex,
    control,
    get url() {
      return provider.url;
    },
    script: (fault: Omit<Fault, 'times'> & { times?: number }) => control('POST', '/faults', fault),
    ledger: async (reference: string): Promise<Entry[]> =>
      (await control('GET', `/ledger?reference=${reference}`)).body.entries,
    async restart() {
      await provider.close();
      provider = await startPaymentProvider(settings);
    },
    async stop() {
      await provider.close();
      await sink.close();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>;

interface AcmeCall {
  key?: string;
  body?: object;
}

interface GlobexCall {
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

export async function eventually<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`still not so after 5 s: ${look}`);
    await pause(10);
  }
}

function parseJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
