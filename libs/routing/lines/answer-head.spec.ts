import { readAnswerHead } from './answer-head.js';

const head = (...lines: string[]) => lines.join('\r\n');
const read = (text: string, method = 'GET') => readAnswerHead(text, method);

describe('the head of an answer', () => {
  it('is read as it came', () => {
    const text = head(
      'HTTP/1.1 200 All is well',
      'Set-Cookie: a=1',
      'set-cookie:b=2 \t',
      'X-Latin: caf\xe9\xa0',
      'Content-Length: 12',
    );
    expect(read(text)).toMatchObject({ status: 200, reason: 'All is well', end: 12 });
    expect(read(text).headers).toEqual([
      'Set-Cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'X-Latin',
      'caf\xe9\xa0',
      'Content-Length',
      '12',
    ]);
    expect(read('HTTP/1.1 404')).toMatchObject({ status: 404, reason: '', headers: [] });
  });

  it.each([
    ['so many bytes', ['Content-Length: 7'], 'GET', 200, 7],
    ['chunks', ['Transfer-Encoding: Chunked'], 'GET', 200, 'chunked'],
    ['the end of the connection', [], 'GET', 200, 'close'],
    ['nothing, to HEAD', ['Content-Length: 7'], 'HEAD', 200, 0],
    ['nothing, with 204', [], 'GET', 204, 0],
    ['nothing, with 304', ['Content-Length: 7'], 'GET', 304, 0],
    ['nothing, with 103', ['Link: x'], 'GET', 103, 0],
  ])('knows where the body ends: %s', (_what, lines, method, status, end) => {
    expect(read(head(`HTTP/1.1 ${status} x`, ...lines), method).end).toBe(end);
  });

  it.each([
    ['4 s unless it says how long', ['Content-Length: 0'], 4_000],
    ['2 s less than it says', ['Content-Length: 0', 'Keep-Alive: timeout=65'], 63_000],
    ['not at all when it says less than that', ['Content-Length: 0', 'Keep-Alive: timeout=1'], 0],
    ['ten minutes at most', ['Content-Length: 0', 'Keep-Alive: timeout=999999'], 600_000],
    [
      'not when it closes, whatever else it says',
      ['Content-Length: 0', 'Connection: x, Close', 'Keep-Alive: timeout=65'],
      0,
    ],
    ['not when the body ends with it', [], 0],
  ])('knows how long the connection may be kept: %s', (_what, lines, keepMs) => {
    expect(read(head('HTTP/1.1 200 OK', ...lines)).keepMs).toBe(keepMs);
  });

  it('does not keep a connection of HTTP/1.0', () => {
    expect(read(head('HTTP/1.0 200 OK', 'Content-Length: 0')).keepMs).toBe(0);
  });

  it.each([
    ['another protocol', 'HTTP/2.0 200 OK'],
    ['no status', 'HTTP/1.1 OK'],
    ['a status of two digits', 'HTTP/1.1 20 OK'],
    ['a status of four digits', 'HTTP/1.1 2000 OK'],
    ['a blank before the colon', head('HTTP/1.1 200 OK', 'Content-Length : 1')],
    ['a folded line', head('HTTP/1.1 200 OK', 'X: 1', ' 2')],
    ['a line without a colon', head('HTTP/1.1 200 OK', 'X')],
    ['a line without a name', head('HTTP/1.1 200 OK', ': x')],
    ['an empty line', head('HTTP/1.1 200 OK', '', 'X: 1')],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 1'],
    ['a line feed at once', '\nHTTP/1.1 200 OK'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nX: 1\rContent-Length: 1'],
    ['a null character', 'HTTP/1.1 200 OK\r\nX: 1\0'],
    ['two lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'content-length: 2')],
    ['one length twice', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Content-Length: 1')],
    ['a list of lengths', head('HTTP/1.1 200 OK', 'Content-Length: 1, 1')],
    ['a signed length', head('HTTP/1.1 200 OK', 'Content-Length: +1')],
    ['a length of more than there is', head('HTTP/1.1 200 OK', `Content-Length: ${'9'.repeat(16)}`)],
    ['a length and chunks', head('HTTP/1.1 200 OK', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['another coding', head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked')],
    ['two codings', head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
  ])('is refused with %s', (_what, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'ANSWER_UNREADABLE' }));
  });
});
