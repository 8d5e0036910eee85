import type { CertificateFiles } from '@holdfast/security';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { FixedLimit } from './concurrency/fixed-limit.js';
import { talk } from './talk.fixture.js';
import { LARGE, gate, startToyApp, type ToyApp } from './toy-app.fixture.js';

describe('the edge on a socket', () => {
  let toys: ToyApp;
  beforeEach(async () => {
    const timeouts = { headersMs: 300, requestMs: 600, checkEveryMs: 50 };
    toys = await startToyApp({ limit: new FixedLimit(2), timeouts });
  });
  afterEach(() => toys.app.close());

  const listen = async () => {
    await toys.app.listen(0, '127.0.0.1');
    return (toys.app.getHttpServer().address() as AddressInfo).port;
  };

  it.each([
    ['431', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
    ['400', 'nonsense\r\n\r\n'],
    ['400', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['400', 'GET http://a/livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['400', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['400', 'GET /livez#x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['408', 'GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow'],
    ['408', 'POST /api/v1/toys HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{'],
    ['417', 'GET /livez HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nConnection: close\r\n\r\n'],
    [
      '413',
      `POST /api/v1/toys HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n`,
    ],
  ])('answers %s', async (status, bytes) => {
    const answer = await talk(await listen(), bytes);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json\r\n');
    expect(answer.toLowerCase()).toMatch(/x-request-id: [0-9a-f-]{36}/);
    expect(answer).toMatch(/"type":"\/problems\/[a-z-]+"/);
  });

  it('refuses what is too much, answers probes, and gives places back', async () => {
    const base = `http://127.0.0.1:${await listen()}`;
    gate.close();
    const inside = fetch(`${base}/api/v1/toys/slow`);
    await gate.someoneWaits();
    const refused = await fetch(`${base}/api/v1/toys`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await refused.json()).toMatchObject({ type: '/problems/overloaded' });
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    const webhook = await fetch(`${base}/api/v1/toys/webhook`, { method: 'POST' });
    expect(webhook.status).not.toBe(503); // the last place is kept for those
    gate.open();
    expect((await inside).status).toBe(200);
    expect((await fetch(`${base}/api/v1/toys`)).status).toBe(200);
    expect(toys.edge.state.inFlight).toBe(0);
  });

  it('drains: finishes what it has, closes connections, accepts no more', async () => {
    const port = await listen();
    const base = `http://127.0.0.1:${port}`;
    gate.close();
    expect((await fetch(`${base}/livez`)).headers.get('connection')).toBe('keep-alive');
    const inside = fetch(`${base}/api/v1/toys/slow`);
    await gate.someoneWaits();
    toys.edge.state.startDraining();
    expect((await fetch(`${base}/livez`)).headers.get('connection')).toBe('close');
    toys.edge.state.stopAccepting();
    await expect(fetch(`${base}/livez`)).rejects.toThrow();
    const finished = toys.edge.state.finish(5_000);
    gate.open();
    const answer = await inside;
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect(await finished).toBe(0);
  });

  it('cuts off what does not finish in time', async () => {
    const base = `http://127.0.0.1:${await listen()}`;
    gate.close();
    const inside = fetch(`${base}/api/v1/toys/slow`);
    inside.catch(() => {}); // rejected before anybody looks
    await gate.someoneWaits();
    toys.edge.state.stopAccepting();
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    expect(await toys.edge.state.finish(50)).toBe(1);
    expect(warn).toHaveBeenCalledWith('1 requests were cut off: they were not done after 50 ms');
    warn.mockRestore();
    await expect(inside).rejects.toThrow('fetch failed');
  });

  it('does not wait for somebody who has connected to a TLS port and never greets', async () => {
    const files = { current: { cert: '', key: '', ca: '' }, onChange: () => {}, close: () => {} };
    const secured = await startToyApp({ tls: { files: files as unknown as CertificateFiles, clients: [] } });
    await secured.app.listen(0, '127.0.0.1');
    const { port } = secured.app.getHttpServer().address() as AddressInfo;
    const silent = connect(port, '127.0.0.1').resume();
    await once(secured.app.getHttpServer() as Server, 'connection');
    secured.edge.state.stopAccepting();
    expect(await secured.edge.state.finish(1_000)).toBe(0);
    await once(silent, 'close');
    await secured.app.close();
  });

  it('gives back the places of requests that were sent behind a slow one by somebody who leaves', async () => {
    await toys.app.close();
    toys = await startToyApp({ limit: new FixedLimit(20) });
    gate.close();
    const hasty = connect(await listen(), '127.0.0.1');
    const get = (path: string) => `GET /api/v1/toys${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    hasty.write(get('/slow') + get('').repeat(10));
    while (toys.edge.state.inFlight < 11) await new Promise(setImmediate);
    hasty.destroy();
    gate.open();
    while (toys.edge.state.inFlight > 0) await new Promise(setImmediate);
  });

  it('lets go of somebody who asks and does not read the answer', async () => {
    await toys.app.close();
    toys = await startToyApp({ timeouts: { quietMs: 200 } });
    const lazy = connect(await listen(), '127.0.0.1').pause();
    lazy.write('GET /api/v1/toys/large HTTP/1.1\r\nHost: a\r\n\r\n');
    while (toys.edge.state.inFlight === 0) await new Promise(setImmediate);
    while (toys.edge.state.inFlight > 0) await new Promise(setImmediate);
    let received = 0;
    lazy.on('data', (chunk) => (received += chunk.length)).on('error', () => {}); // cut off, not ended
    lazy.resume();
    await once(lazy, 'close');
    expect(received).toBeLessThan(LARGE);
  });

  it('fails no request of clients that keep their connections', async () => {
    const port = await listen();
    const statuses: number[] = [];
    /** Asks over one connection until it is told to close it: the next one would go to another process. */
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let connection = ''; connection !== 'close';) {
        const answer = await ask(port, agent);
        statuses.push(answer.statusCode ?? 0);
        connection = answer.headers.connection ?? '';
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 20 }, client);
    while (statuses.length < 200) await new Promise(setImmediate);
    toys.edge.state.startDraining();
    await Promise.all(clients);
    toys.edge.state.stopAccepting();
    expect(await toys.edge.state.finish()).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

const ask = (port: number, agent: Agent): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = httpGet({ port, host: '127.0.0.1', path: '/livez', agent }, (answer) => {
      answer.resume().once('end', () => resolve(answer));
    });
    request.once('error', reject);
  });
