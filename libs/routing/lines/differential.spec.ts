import { createServer, type AddressInfo, type Server } from 'node:net';
import { Pool } from 'undici';
import { ask, askUndici, linesTo } from './answers.fixture.js';
import type { Lines } from './lines.js';

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\nKeep-Alive: timeout=5\r\n\r\n{"items": []}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n',
  'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\nlater',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n',
];
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ' ',
  '\t',
  ':',
  '0',
  '7',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'ß',
  'HTTP/1.1 ',
];

/** Deterministic: xorshift32. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(roll: (below: number) => number): string {
  let text = ANSWERS[roll(ANSWERS.length)]!;
  for (let times = roll(3); times >= 0; times--) {
    const at = roll(text.length);
    const kind = roll(3);
    const piece = kind === 0 ? '' : PIECES[roll(PIECES.length)]!;
    text = text.slice(0, at) + piece + text.slice(at + (kind === 1 ? 0 : 1 + roll(3)));
  }
  return text;
}

describe('what a line reads', () => {
  let server: Server;
  let lines: Lines;
  let pool: Pool;
  let text = '';
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(text, 'latin1'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    lines = linesTo(url);
    pool = new Pool(url, { connections: 1, headersTimeout: 2_000, bodyTimeout: 2_000 });
  });
  afterAll(async () => {
    await Promise.all([lines.destroy(), pool.destroy()]);
    await new Promise((resolve) => server.close(resolve));
  });

  /** undici puts headers of one name together and leaves blanks at their ends. */
  const alike = (headers: string[]) =>
    headers
      .flatMap((name, at) =>
        at % 2 === 0 ? [`${name.toLowerCase()}: ${headers[at + 1]!.replace(/[ \t]+$/, '')}`] : [],
      )
      .toSorted();

  it('is what undici reads, or it is refused: 1,000 answers with bytes changed', async () => {
    const roll = dice(20_261_129);
    let agreed = 0;
    for (let round = 0; round < 1_000; round++) {
      text = mutated(roll);
      const ours = await ask(lines).answer;
      if (ours.failed !== undefined) continue;
      const theirs = await askUndici(pool);
      expect({ text, ...ours, headers: alike(ours.headers) }).toEqual({
        text,
        ...theirs,
        headers: alike(theirs.headers),
      });
      agreed += 1;
    }
    expect(agreed).toBeGreaterThan(200); // else it would only show that everything is refused
  });
});
