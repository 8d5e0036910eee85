import { ChunkedBody } from './chunked-body.js';

/** Feeds the bytes in pieces cut at these places. */
function fed(text: string, ...cuts: number[]) {
  const bytes = Buffer.from(text, 'latin1');
  const body = new ChunkedBody();
  let data = '';
  let used = 0;
  for (const [index, cut] of [...cuts, bytes.length].entries())
    used += body.feed(bytes.subarray(cuts[index - 1] ?? 0, cut), (chunk) => (data += chunk.toString('latin1')));
  return { data, used, over: body.over };
}

const WHOLE = '5\r\nhello\r\n1\r\n,\r\nA\r\n 0\r\n\r\nworl\r\n0\r\n\r\n';
const whole = { data: 'hello, 0\r\n\r\nworl', used: WHOLE.length, over: true };

describe('a body in chunks', () => {
  it('is the same wherever the network cuts it', () => {
    expect(fed(WHOLE)).toEqual(whole);
    for (let first = 0; first <= WHOLE.length; first++)
      for (let second = first; second <= WHOLE.length; second++) expect(fed(WHOLE, first, second)).toEqual(whole);
  });

  it('ends where it ends', () => {
    expect(fed(`${WHOLE}HTTP/1.1 200 OK`)).toEqual(whole);
    expect(fed(WHOLE.slice(0, -1))).toMatchObject({ over: false });
  });

  it.each([
    'hello',
    '-1\r\n',
    '0x5\r\nhello\r\n',
    ' 5\r\nhello\r\n',
    '\r\n',
    '5\nhello\r\n',
    '5\r\nhello!\r\n',
    '5\r\nhello\n',
    '123456789\r\n',
    '5 \r\nhello\r\n',
    '5;extension=1\r\nhello\r\n',
    '0'.repeat(5_000),
    '0\r\nX-Trailer: 1\r\n',
    '0\r\n\n',
  ])('is refused when it is not one: %j', (text) => {
    expect(() => fed(`${text}\r\n`)).toThrow(expect.objectContaining({ code: 'ANSWER_UNREADABLE' }));
  });
});
