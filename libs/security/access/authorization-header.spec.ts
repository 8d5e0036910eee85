import { bearerToken } from './authorization-header.js';

const read = (authorization?: string) => bearerToken({ headers: { authorization } });

describe('the bearer token of a request', () => {
  it.each(['Bearer a.b.c', 'bearer a.b.c', 'BEARER   a.b.c'])('is read from %j', (header) => {
    expect(read(header)).toBe('a.b.c');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'a.b.c',
    'Basic YTpi',
    'Bearer a.b.c, Bearer d.e.f',
    'Bearer a.b.c d',
    ' Bearer a.b.c',
    'Bearer\ta.b.c',
    'BearerX a.b.c',
    `Bearer ${'a'.repeat(64_000)}`,
  ])('is absent from %j', (header) => {
    expect(read(header)).toBeUndefined();
  });

  it('is not believed when the header came twice, whatever its case', () => {
    const headers = { authorization: 'Bearer a.b.c' };
    const once = ['Host', 'x', 'Authorization', 'Bearer a.b.c'];
    const twice = [...once, 'AUTHORIZATION', 'Bearer d.e.f'];
    expect(bearerToken({ headers, raw: { rawHeaders: once } })).toBe('a.b.c');
    expect(bearerToken({ headers, raw: { rawHeaders: twice } })).toBeUndefined();
    expect(bearerToken({ headers, rawHeaders: twice })).toBeUndefined();
  });
});
