import { jest } from '@jest/globals';
import { connectNats } from '@holdfast/messaging';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { CannotListen } from './listen.js';
import { explainAndExit } from './start-fault.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

function explained(error: unknown, has?: { database: boolean }): string {
  const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    explainAndExit(error, has);
    expect(exit).toHaveBeenCalledWith(1);
    return String(write.mock.calls[0]![0]);
  } finally {
    exit.mockRestore();
    write.mockRestore();
  }
}

describe('what stops a start', () => {
  it.each([
    ['a port that is taken', new CannotListen('The port is taken. Set PORT.'), 'Set PORT'],
    ['a database that is away', refused, 'correct DATABASE_URL'],
    ['a schema that is not there', Object.assign(new Error('no'), { code: '42P01' }), 'npm run migrate'],
    ['a role that is not there', Object.assign(new Error('no'), { code: '28P01' }), 'npm run migrate'],
  ])('is explained: %s', (_what, error, remedy) => {
    const said = explained(error);
    expect(said).toContain(remedy);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('is explained: a broker that knows us not', async () => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(
        'INFO {"server_id":"x","version":"2.10.0","proto":1,"max_payload":1048576,"auth_required":true}\r\n',
      );
      socket.once('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const refusal = await connectNats({ url: `nats://127.0.0.1:${port}`, name: 'toys' }).catch((error) => error);
    server.close();
    const said = explained(refusal);
    expect(said).toMatch(/NATS refused this process.*NATS_NKEY_SEED/);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('is not said to be PostgreSQL in a process that has none', () => {
    expect(explained(refused, { database: false })).not.toMatch(/PostgreSQL|DATABASE_URL/);
  });

  it('is shown whole when it is a defect, without what is secret', () => {
    const said = explained(new Error('no way to postgres://who:secret@there'));
    expect(said).toMatch(/\n\s+at /);
    expect(said).not.toContain('secret');
  });
});
