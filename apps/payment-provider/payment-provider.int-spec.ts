import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const main = resolve(import.meta.dirname, '../../dist/apps/payment-provider/main.js');

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let errors = '';
  child.stderr!.on('data', (chunk) => (errors += chunk));
  const exit = once(child, 'exit').then(([code, signal]) => code ?? signal);
  const url = once(createInterface(child.stdout!), 'line').then(([line]) => /http:\S+/.exec(line)![0]);
  return { child, exit, url, errors: () => errors };
}

describe('the payment provider process', () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'payment-provider-'));
  afterAll(() => rmSync(dataDirectory, { recursive: true }));

  const settings = {
    PAYMENT_PROVIDER_PORT: '0',
    PAYMENT_PROVIDER_DATA: dataDirectory,
    PAYMENT_PROVIDER_WEBHOOK_URL: 'http://127.0.0.1:1',
    ACME_API_KEY: 'a',
    ACME_WEBHOOK_SECRET: 'b',
    GLOBEX_API_KEY: 'c',
    GLOBEX_WEBHOOK_SECRET: 'd',
  };
  const authorization = 'Bearer a';
  const charge = async (url: string, key: string, source: string) => {
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify({ amount: 1, currency: 'EUR', source, capture: false, reference: 'order-1' });
    return fetch(`${url}/acme/v1/charges`, { method: 'POST', headers, body });
  };

  it('refuses to start without its settings and names them all', async () => {
    const { exit, errors } = start({ PAYMENT_PROVIDER_PORT: 'x' });
    expect(await exit).toBe(1);
    for (const name of Object.keys(settings)) expect(errors()).toContain(name);
  });

  it('keeps everything it acknowledged through kill -9', async () => {
    const acknowledged: string[] = [];
    const first = start(settings);
    const url = await first.url;
    const customer = async (name: number) => {
      for (let n = 0; ; n++) {
        const answer = await charge(url, `${name}-${n}`, 'tok_ok').catch(() => undefined);
        if (!answer) return;
        acknowledged.push(`${name}-${n}`);
        if (acknowledged.length === 50) first.child.kill('SIGKILL');
      }
    };
    await Promise.all([1, 2, 3, 4].map(customer));
    expect(await first.exit).toBe('SIGKILL');

    const second = start(settings);
    const restarted = await second.url;
    for (const key of acknowledged) {
      const asked = await fetch(`${restarted}/acme/v1/charges?idempotency_key=${key}`, { headers: { authorization } });
      expect(asked.status).toBe(200);
    }
    second.child.kill('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(acknowledged.length).toBeGreaterThanOrEqual(50);
  });

  it('ends at once with its parent, even while a request hangs', async () => {
    const { child, exit, url } = start(settings);
    const hanging = charge(await url, 'hang', 'tok_timeout_then_ok').catch((error: Error) => error.message);
    const asked = await fetch(`${await url}/acme/v1/charges?idempotency_key=hang`, { headers: { authorization } });
    expect(asked.status).toBe(404);
    child.disconnect();
    expect(await exit).toBe(0);
    expect(await hanging).toBe('fetch failed');
  });
});
