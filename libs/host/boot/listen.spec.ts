import { createServer, type AddressInfo } from 'node:net';
import { startToyApp, type ToyApp } from '../http/toy-app.fixture.js';
import { CannotListen, listen } from './listen.js';

describe('listening where one cannot', () => {
  let toys: ToyApp;
  beforeEach(async () => {
    toys = await startToyApp();
  });
  afterEach(() => toys.app.close());

  it.each([
    ['an address of another machine', '192.0.2.9', /does not have that address\. Correct HOST/],
    ['no address', 'nowhere.invalid', /HOST is not an address/],
  ])('names the setting to correct: %s', async (_what, host, remedy) => {
    const fault = await listen(toys.app, { host, port: 0 }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(CannotListen);
    expect((fault as Error).message).toMatch(remedy);
  });

  it('names the setting to correct: a taken port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(listen(toys.app, { host: '127.0.0.1', port })).rejects.toThrow(/set PORT to another port/);
    other.close();
  });
});
