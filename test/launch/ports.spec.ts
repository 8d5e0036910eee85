import { originAt } from '../../scripts/launch/ports.mjs';

describe('where this machine reaches a shop', () => {
  it.each([
    [undefined, 'http://127.0.0.1:3000'],
    ['', 'http://127.0.0.1:3000'],
    ['0.0.0.0', 'http://127.0.0.1:3000'],
    ['::', 'http://127.0.0.1:3000'],
    ['192.168.1.7', 'http://192.168.1.7:3000'],
    ['::1', 'http://[::1]:3000'],
  ])('that listens on HOST=%s', (host, origin) => {
    expect(originAt(host, 3000)).toBe(origin);
  });
});
