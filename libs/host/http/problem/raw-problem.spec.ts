import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerClientError } from './raw-problem.js';

describe('bytes that are no request', () => {
  let server: Server;
  const listen = async (answer: RequestListener) => {
    server = createServer(answer).on('clientError', answerClientError);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are answered 400, and the connection ends', async () => {
    const socket = await listen((_request, response) => response.end());
    socket.write('nonsense\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 .*"status":400/s);
  });

  it.each([
    ['whose head is written', true],
    ['of which nothing is written yet', false],
  ])('are answered after an answer that is under way, %s', async (_what, isHeadWritten) => {
    const socket = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': '9' });
      if (isHeadWritten) response.write('half ');
      socket.write('nonsense\r\n\r\n');
      server.once('clientError', () => response.end(isHeadWritten ? 'half' : 'half half'));
    });
    socket.write('GET / HTTP/1.1\r\nhost: toys\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nhalf half(?:HTTP\/1\.1 400 )/s);
  });

  it('end a connection whose request was answered before all of it came', async () => {
    const socket = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': '9' });
      response.write('half ');
      socket.write('nonsense\r\n'); // as the size of a chunk
      server.once('clientError', () => response.end('half'));
    });
    socket.write('POST / HTTP/1.1\r\nhost: toys\r\ntransfer-encoding: chunked\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nhalf half$/s);
  });
});
