import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { AnswerControl } from './answer-handler.js';
import { Collected, ask, linesTo } from './answers.fixture.js';
import type { Lines } from './lines.js';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** Breaks off as soon as it could begin. */
class Gone extends Collected {
  override begun(control: AnswerControl): void {
    control.abort(new Error('the client went away'));
  }
}

/** Cannot cope with its beginning. */
class Broken extends Collected {
  override begun(): void {
    throw new Error('broken');
  }
}

const plain = { method: 'GET', head: 'GET / HTTP/1.1\r\nhost: toys\r\n\r\n' };

describe('lines', () => {
  let server: Server;
  let lines: Lines;
  const sockets = new Set<Socket>();

  /** @param answer is given a connection and the target of each request on it */
  const open = async (
    answer: (socket: Socket, target: string) => void,
    options: Parameters<typeof linesTo>[1] = {},
  ) => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', (bytes) => answer(socket, bytes.toString('latin1').split(' ')[1]!));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    lines = linesTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  };
  afterEach(async () => {
    await lines.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('keep a connection and use it again', async () => {
    const seen = new Set<Socket>();
    await open((socket) => void (seen.add(socket), socket.write(OK)));
    for (let round = 0; round < 3; round++) expect(await ask(lines).answer).toMatchObject({ status: 200, body: 'ok' });
    expect(seen.size).toBe(1);
  });

  it('are no more than they may be: what is more waits its turn', async () => {
    const waiting: (() => void)[] = [];
    await open((socket, target) => waiting.push(() => socket.write(OK.replace('ok', target))), { connections: 2 });
    const asked = ['/1', '/2', '/3', '/4'].map((target) => ask(lines, target).answer);
    for (let answered = 0; answered < 4; answered++) {
      while (waiting.length === 0) await new Promise(setImmediate);
      expect(sockets.size).toBeLessThanOrEqual(2);
      waiting.shift()!();
    }
    expect((await Promise.all(asked)).map(({ body }) => body).toSorted()).toEqual(['/1', '/2', '/3', '/4']);
  });

  it.each([
    ['a body', `${OK}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison`],
    ['no body', `HTTP/1.1 204 No\r\n\r\n${OK.replace('ok', 'no')}`],
    ['chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${OK.replace('ok', 'no')}`],
  ])('give nobody what came too much for somebody else, after %s', async (_what, tooMuch) => {
    let asked = 0;
    await open((socket) => socket.write(asked++ === 0 ? tooMuch : OK), { connections: 1 });
    const [first, second] = [ask(lines).answer, ask(lines).answer];
    expect(['ok', '']).toContain((await first).body);
    expect(await second).toMatchObject({ status: 200, body: 'ok' });
  });

  it('hang up on whoever speaks unasked', async () => {
    await open((socket) => socket.write(OK));
    await ask(lines).answer;
    const [socket] = [...sockets];
    const left = new Promise((resolve) => socket!.once('close', resolve));
    socket!.write(OK);
    await left;
    expect(await ask(lines).answer).toMatchObject({ body: 'ok' });
  });

  it('read an answer that comes byte by byte, and what comes before it', async () => {
    const text = `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${OK}`;
    await open(async (socket) => {
      for (const byte of text) await new Promise<void>((resolve) => socket.write(byte, () => resolve()));
    });
    expect(await ask(lines).answer).toEqual({ status: 200, headers: ['content-length', '2'], body: 'ok' });
  });

  it('tell a late answer from a lost one', async () => {
    await open((socket, target) => target === '/lost' && socket.destroy(), { timeoutMs: 100 });
    expect(await ask(lines, '/lost').answer).toMatchObject({ failed: 'ANSWER_LOST' });
    expect(await ask(lines, '/late').answer).toMatchObject({ failed: 'ANSWER_TIMEOUT' });
  });

  it('are patient with an answer that is held back here', async () => {
    let more = (): void => {};
    await open(
      (socket, target) => {
        if (target === '/late') return;
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nfir');
        more = () => socket.write('st ');
      },
      { timeoutMs: 40 },
    );
    const asked = ask(lines);
    while (!asked.control) await new Promise(setImmediate);
    asked.control.pause();
    expect(await ask(lines, '/late').answer).toMatchObject({ failed: 'ANSWER_TIMEOUT' });
    asked.control.resume();
    more();
    expect(await asked.answer).toMatchObject({ status: 200, body: 'first ' });
  });

  it('say of half an answer that it is one', async () => {
    await open((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    expect(await ask(lines).answer).toMatchObject({ status: 200, body: 'half', failed: 'ANSWER_LOST' });
    await lines.destroy();
    await new Promise((resolve) => server.close(resolve));
    await open((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nwhole'));
    expect(await ask(lines).answer).toEqual({ status: 200, headers: [], body: 'whole' });
  });

  it('tell everybody who waits when nobody is there', async () => {
    await open(() => {});
    await new Promise((resolve) => server.close(resolve));
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(lines).answer));
    expect(answers.map(({ failed }) => failed)).toEqual(Array.from({ length: 5 }, () => 'ECONNREFUSED'));
  });

  it('stay when somebody who waited for one is gone by the time it is free', async () => {
    const first = Promise.withResolvers<Socket>();
    const seen = new Set<Socket>();
    await open(
      (socket, target) => {
        seen.add(socket);
        if (target === '/first') first.resolve(socket);
        else socket.write(OK);
      },
      { connections: 1 },
    );
    const asked = ask(lines, '/first');
    const socket = await first.promise;
    const gone = [new Gone(), new Gone()];
    for (const one of gone) lines.send(plain, one);
    const last = ask(lines);
    socket.write(OK);
    expect(await asked.answer).toMatchObject({ body: 'ok' });
    for (const one of gone) expect(await one.answer).toMatchObject({ failed: 'the client went away' });
    expect(await last.answer).toMatchObject({ body: 'ok' });
    expect(seen.size).toBe(1);
  });

  /** One line, busy with `/first` until `answer` is called; the answers of all others come at once. */
  const openBusy = async (options: Parameters<typeof linesTo>[1] = {}) => {
    const arrived = Promise.withResolvers<Socket>();
    const connections = new Set<Socket>();
    const begin = (socket: Socket, target: string) => {
      connections.add(socket);
      if (target === '/first') arrived.resolve(socket);
      else socket.write(OK);
    };
    await open(begin, { connections: 1, ...options });
    const first = ask(lines, '/first').answer;
    const socket = await arrived.promise;
    return { first, socket, connections, answer: () => socket.write(OK) };
  };

  it('let whoever waits for one leave at once', async () => {
    const { first, answer } = await openBusy();
    const [leaves, stays] = [ask(lines), ask(lines)];
    leaves.waiting!.abort(new Error('the client went away'));
    expect(await leaves.answer).toMatchObject({ failed: 'the client went away' });
    answer();
    expect(await first).toMatchObject({ body: 'ok' });
    expect(await stays.answer).toMatchObject({ body: 'ok' });
    expect(leaves.control).toBeUndefined();
  });

  it('get past any number of those who are gone when their turn comes', async () => {
    const { first, answer, connections } = await openBusy();
    const gone = Array.from({ length: 20_000 }, () => new Gone());
    for (const one of gone) lines.send(plain, one);
    const last = ask(lines).answer;
    answer();
    expect(await first).toMatchObject({ body: 'ok' });
    expect(await last).toMatchObject({ body: 'ok' });
    expect((await Promise.all(gone.map((one) => one.answer))).every(({ failed }) => failed)).toBe(true);
    expect(connections.size).toBe(1);
  });

  it('end an answer whatever becomes of whoever is next', async () => {
    const { first, answer, connections } = await openBusy();
    const broken = new Broken();
    lines.send(plain, broken);
    const last = ask(lines).answer;
    answer();
    expect(await first).toMatchObject({ body: 'ok' });
    expect(await broken.answer).toMatchObject({ failed: 'broken' });
    expect(await last).toMatchObject({ body: 'ok' });
    expect(connections.size).toBe(1);
  });

  it('are not waited for longer than an answer would be', async () => {
    const { socket } = await openBusy({ timeoutMs: 100 });
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n');
    const trickle = setInterval(() => socket.write('.'), 20); // an answer that is never late, and never over
    try {
      expect(await ask(lines).answer).toMatchObject({ failed: 'ANSWER_TIMEOUT' });
    } finally {
      clearInterval(trickle);
    }
  });

  it('finish what is under way when they are closed, and take nothing more', async () => {
    let answer = (): void => {};
    const arrived = Promise.withResolvers<void>();
    await open((socket) => {
      answer = () => socket.write(OK);
      arrived.resolve();
    });
    const asked = ask(lines);
    await arrived.promise;
    const closed = lines.close();
    expect(await ask(lines).answer).toMatchObject({ failed: 'ANSWER_LOST' });
    answer();
    expect(await asked.answer).toMatchObject({ body: 'ok' });
    await closed;
  });

  it('are no more patient with what is under way when they are closed', async () => {
    const arrived = Promise.withResolvers<void>();
    await open(() => arrived.resolve(), { timeoutMs: 100 });
    const asked = ask(lines);
    await arrived.promise;
    const closed = lines.close();
    expect(await asked.answer).toMatchObject({ failed: 'ANSWER_TIMEOUT' });
    await closed;
  });
});
