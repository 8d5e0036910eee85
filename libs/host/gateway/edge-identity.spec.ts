import { InvalidTokenError, KeysUnavailableError } from '@holdfast/security';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EdgeIdentity } from './edge-identity.js';

const asked: string[] = [];
const identity = new EdgeIdentity({
  exchange: async (presented, audience) => {
    asked.push(presented);
    if (presented === 'bad') throw new InvalidTokenError('form');
    if (presented === 'unknown') throw new KeysUnavailableError();
    if (presented === 'bug') throw new Error('a bug');
    return `${presented} for ${audience}`;
  },
  remembered: (presented, audience) => (presented === 'known' ? `${presented} for ${audience}` : undefined),
});

const said: Record<string, string> = {};
const reply = { header: (name: string, value: string) => (said[name] = value) } as unknown as FastifyReply;
const headers = async (authorization: string | undefined, { open = false, times = 1 } = {}) => {
  const rawHeaders = Array.from({ length: times }, () => ['Authorization', String(authorization)]).flat();
  const request = { headers: { authorization }, raw: { rawHeaders } } as unknown as FastifyRequest;
  return identity.headers(request, reply, { audience: 'orders', open });
};

describe('the caller of a request that is passed on', () => {
  it('is named to the one context', async () => {
    expect(await headers('Bearer good')).toEqual(['authorization', 'Bearer good for orders']);
  });

  it('is named without asking again while the exchange remembers it', async () => {
    asked.length = 0;
    expect(await headers('Bearer known')).toEqual(['authorization', 'Bearer known for orders']);
    expect(asked).toEqual([]);
  });

  it.each([undefined, 'Bearer bad', 'Basic YTpi', ''])('is nobody with %s', async (authorization) => {
    expect(await headers(authorization)).toEqual([]);
  });

  it('is nobody when two tokens are sent', async () => {
    asked.length = 0;
    expect(await headers('Bearer good', { times: 2 })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('is nobody where that is enough while tokens cannot be judged, else 503', async () => {
    expect(await headers('Bearer unknown', { open: true })).toEqual([]);
    await expect(headers('Bearer unknown')).rejects.toMatchObject({ status: 503 });
    expect(said).toEqual({ 'Retry-After': '1' });
  });

  it('is not nobody because of a bug', async () => {
    await expect(headers('Bearer bug', { open: true })).rejects.toThrow('a bug');
  });
});
