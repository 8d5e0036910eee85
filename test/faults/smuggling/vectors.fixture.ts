const target = '/api/v1/products/A';
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
const post = (...headers: string[]) => lines(`POST /api/v1/auth/login HTTP/1.1`, 'Host: shop', ...headers);
const get = (...headers: string[]) => lines(`GET ${target} HTTP/1.1`, 'Host: shop', ...headers);
/** What an attacker would like to be read as a request of its own. */
const smuggled = lines('GET /api/v1/products/SMUGGLED HTTP/1.1', 'Host: shop');
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Requests as they should be. */
export const decent: Record<string, string> = {
  'a read': get(),
  'a read with a query': lines('GET /api/v1/products?limit=3 HTTP/1.1', 'Host: shop', 'Accept: */*'),
  'a write with a length': `${post('Content-Type: application/json', 'Content-Length: 2')}{}`,
  'a write in chunks': `${post('Content-Type: application/json', 'Transfer-Encoding: chunked')}${chunk('{}')}0\r\n\r\n`,
  'a write without a body': post('Content-Length: 0'),
  'two reads at once': get() + get('Accept: text/plain'),
};

/** Requests that two programs may read differently. All end, unless the reader waits for more. */
export const vectors: Record<string, string> = {
  'length and chunks': `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'chunks and length': `${post('Transfer-Encoding: chunked', 'Content-Length: 4')}0\r\n\r\n${smuggled}`,
  'two lengths': `${post('Content-Length: 0', `Content-Length: ${smuggled.length}`)}${smuggled}`,
  'one length twice': `${post('Content-Length: 2', 'Content-Length: 2')}{}`,
  'a list of lengths': `${post('Content-Length: 0, 5')}${smuggled}`,
  'a length with a plus': `${post('Content-Length: +2')}{}`,
  'a negative length': `${post('Content-Length: -1')}${smuggled}`,
  'a hexadecimal length': `${post('Content-Length: 0x2')}{}`,
  'a length with a blank in it': `${post('Content-Length: 1 0')}${smuggled}`,
  'a length beyond counting': `${post(`Content-Length: ${'9'.repeat(25)}`)}${smuggled}`,
  'an empty length': `${post('Content-Length:')}${smuggled}`,
  'a length too short': `${post('Content-Length: 1')}{}${smuggled}`,
  'an unknown coding': `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${smuggled}`,
  'chunked and another coding': `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${smuggled}`,
  'two codings': `${post('Transfer-Encoding: identity', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'a coding in quotes': `${post('Transfer-Encoding: "chunked"')}0\r\n\r\n${smuggled}`,
  'a coding after a tab': `${post('Transfer-Encoding:\tchunked')}0\r\n\r\n${smuggled}`,
  'a coding after a vertical tab': `${post('Transfer-Encoding: \x0bchunked')}0\r\n\r\n${smuggled}`,
  'a coding with an underscore': `${post('Transfer_Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${smuggled}`,
  'a blank before the colon': `${post('Transfer-Encoding : chunked')}0\r\n\r\n${smuggled}`,
  'a folded line': `${post('Transfer-Encoding:', ' chunked')}0\r\n\r\n${smuggled}`,
  'a bare line feed': `${post('X: 1\nTransfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'a bare carriage return': `${post('X: 1\rTransfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'a null character': `${post('X: \0Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'a line feed after the size of a chunk': `${post('Transfer-Encoding: chunked')}2\n{}\r\n0\r\n\r\n${smuggled}`,
  'a line feed in an extension': `${post('Transfer-Encoding: chunked')}2;\n{}\r\n0\r\n\r\n${smuggled}`,
  'a signed size of a chunk': `${post('Transfer-Encoding: chunked')}+2\r\n{}\r\n0\r\n\r\n${smuggled}`,
  'the size of a chunk beyond counting': `${post('Transfer-Encoding: chunked')}ffffffffffffffff2\r\n{}\r\n0\r\n\r\n${smuggled}`,
  'a chunk longer than it says': `${post('Transfer-Encoding: chunked')}1\r\n{}\r\n0\r\n\r\n${smuggled}`,
  'a trailer that names a coding': `${post('Transfer-Encoding: chunked')}0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
  'a body on a read': `${get(`Content-Length: ${smuggled.length}`)}${smuggled}`,
  'chunks on a read': `${get('Transfer-Encoding: chunked')}${chunk(smuggled)}0\r\n\r\n`,
  'Connection that names the length': `${post('Connection: content-length', `Content-Length: ${smuggled.length}`)}${smuggled}`,
  'an expectation': `${post('Expect: 100-continue', `Content-Length: ${smuggled.length}`)}${smuggled}`,
  'another expectation': `${post('Expect: 200-ok', 'Content-Length: 0')}${smuggled}`,
  'an upgrade': get('Connection: Upgrade', 'Upgrade: websocket') + smuggled,
  'an upgrade to HTTP/2':
    get('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ') + smuggled,
  'HTTP/2 by prior knowledge': `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`,
  'HTTP/0.9': `GET ${target}\r\n\r\n${smuggled}`,
  'HTTP/1.0 with chunks': `${lines('POST /api/v1/auth/login HTTP/1.0', 'Transfer-Encoding: chunked')}0\r\n\r\n${smuggled}`,
  'two hosts': get('Host: inside') + smuggled,
  'an absolute target': lines('GET http://inside/ops/backlog HTTP/1.1', 'Host: shop') + smuggled,
  'a target with a line in it': lines(`GET ${target}%0d%0aX:1 HTTP/1.1`, 'Host: shop') + smuggled,
  'a target with bytes of no script': lines('GET /api/v1/products/\xff\xfe HTTP/1.1', 'Host: shop'),
  'a query with a line feed of two bytes': lines('GET /api/v1/products?q=\xc4\x8a HTTP/1.1', 'Host: shop'),
  'a value with every byte': get(
    `X: ${Array.from({ length: 128 }, (_, at) => String.fromCharCode(128 + at)).join('')}`,
  ),
  'a tunnel': lines('CONNECT inside:443 HTTP/1.1', 'Host: inside:443') + smuggled,
  'lines before the first': `\r\n\r\n${get()}`,
  'a method nobody knows': lines(`SMUGGLE ${target} HTTP/1.1`, 'Host: shop') + smuggled,
};

const BYTES = ['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ',', ';', '0', '1', '\x0b', '\x85', '\xa0', '%0d%0a'];
const LINES = ['Content-Length: 5', 'Content-Length: 0', 'Transfer-Encoding: chunked', 'Connection: close', 'HTTP/1.1'];
const PIECES = [...BYTES, ...LINES.map((line) => `${line}\r\n`), '0\r\n\r\n', smuggled];

/** Deterministic: the same seed gives the same bytes everywhere. */
export function mutations(seed: number, count: number): string[] {
  let state = seed;
  const roll = (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const kinds = [Object.values(decent), Object.values(vectors)];
  return Array.from({ length: count }, () => {
    const texts = kinds[roll(2)]!;
    let text = texts[roll(texts.length)]!;
    for (let times = 1 + roll(3); times > 0; times--) {
      const at = roll(text.length);
      const [piece, cut] = [roll(4) === 0 ? '' : PIECES[roll(PIECES.length)]!, roll(2) * (1 + roll(3))];
      text = text.slice(0, at) + piece + text.slice(at + cut);
    }
    return text;
  });
}
