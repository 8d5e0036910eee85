import { AnswerHeaders, requestHeaders } from './headers.js';

const namesOf = (headers: string[]) => headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
const passed = (...names: string[]) =>
  namesOf(
    requestHeaders(
      names.flatMap((name) => [name, 'x']),
      [],
    ),
  );

describe('headers through the gateway', () => {
  it('passes on what belongs to the request, duplicates as they came', () => {
    const raw = ['Accept', 'text/a', 'accept', 'text/b', 'Idempotency-Key', 'k', 'X-Acme-Signature', 's'];
    expect(requestHeaders(raw, ['x-request-id', 'r'])).toEqual([...raw, 'x-request-id', 'r']);
  });

  it('keeps the token that was presented at the edge', () => {
    const raw = ['Authorization', 'Bearer a', 'authorization', 'Bearer b', 'Accept', 'x'];
    expect(requestHeaders(raw, [])).toEqual(['Accept', 'x']);
    expect(requestHeaders(raw, ['authorization', 'Bearer c'])).toEqual(['Accept', 'x', 'authorization', 'Bearer c']);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'HTTP2-Settings',
  ])('keeps %s to its own connection', (name) => expect(passed(name, 'Accept')).toEqual(['accept']));

  it('keeps what Connection names, in any case, however often it is sent', () => {
    const raw = ['connection', 'close, X-One', 'Connection', ' x-TWO ', 'X-One', '1', 'x-two', '2', 'X-Three', '3'];
    expect(requestHeaders(raw, [])).toEqual(['X-Three', '3']);
  });

  it.each(
    `
    X-User-Id X_User_Id x-user X-Tenant-Id X-Roles X-Role X-Internal-Token X-Principal X-Forwarded-For
    X-Forwarded_Host X-Forwarded-User Forwarded Via X-Real-IP X-Remote-User Remote-User REMOTE_ADDR
    X-Original-URL X-Rewrite-URL X-HTTP-Method-Override X-HTTP-Method X-Method-Override X-Request-Deadline
    Baggage TraceState X-Envoy-Original-Path X-Host True-Client-IP CF-Connecting-IP X-Client-Cert
    X-SSL-Client-Verify X-Auth-Request-User X-Scope X-Amzn-Oidc-Identity X-Goog-Authenticated-User-Email
    X-MS-Client-Principal X-Jwt-Assertion Proxy X-Accel-Redirect X-Holdfast-Principal X-Spiffe-Id X-Subject
    X-Forward-For Grpc-Timeout
    `
      .trim()
      .split(/\s+/),
  )('does not let %s in from outside', (name) => expect(passed(name, 'Accept')).toEqual(['accept']));

  it.each(['X-Userland', 'X-Rolesque', 'X-Hostess', 'Viable', 'Accept', 'Consistency-Token', 'If-Match'])(
    'has nothing against %s',
    (name) => expect(passed(name)).toEqual([name.toLowerCase()]),
  );

  it('says itself which request, trace and story it is', () => {
    const raw = [
      'Host',
      'evil',
      'Content-Length',
      '3',
      'Traceparent',
      'bomb',
      'X-Request-Id',
      'a',
      'X-Correlation-Id',
      'b',
    ];
    expect(requestHeaders(raw, ['traceparent', 'ours'])).toEqual(['traceparent', 'ours']);
  });

  it('keeps the connection of an answer to itself as well', () => {
    const hidden = [
      'Connection',
      'close, x-inside',
      'Keep-Alive',
      'timeout=5',
      'X-Inside',
      '1',
      'x-holdfast-told',
      'us',
    ];
    const seen = ['Set-Cookie', 'a', 'set-cookie', 'b', 'location', '/x'];
    expect(new AnswerHeaders([]).of([...hidden, ...seen], 'r')).toEqual([...seen, 'x-request-id', 'r']);
  });

  it('adds to an answer what every answer carries, unless it says so itself', () => {
    const headers = new AnswerHeaders(['x-frame-options', 'DENY', 'referrer-policy', 'no-referrer']);
    const raw = ['X-Frame-Options', 'SAMEORIGIN', 'x-request-id', 'theirs'];
    for (let times = 0; times < 2; times++)
      expect(headers.of(raw, 'ours')).toEqual([...raw, 'referrer-policy', 'no-referrer']);
    expect(headers.of([], 'ours').filter((_, at) => at % 2 === 0)).toEqual([
      'x-frame-options',
      'referrer-policy',
      'x-request-id',
    ]);
  });

  it('says for an answer what its Connection took away', () => {
    const headers = new AnswerHeaders(['x-frame-options', 'DENY']);
    const raw = ['x-frame-options', 'SAMEORIGIN', 'location', '/x', 'CONNECTION', 'Keep-Alive, X-Frame-Options'];
    expect(headers.of(raw, 'r')).toEqual(['location', '/x', 'x-frame-options', 'DENY', 'x-request-id', 'r']);
  });

  it('goes on deciding rightly when strangers have invented more names than are remembered', () => {
    for (let index = 0; index < 2_000; index++) expect(passed(`x-invented-${index}`)).toHaveLength(1);
    expect(passed('X-User-Id', 'x-UsEr-iD', 'Accept')).toEqual(['accept']);
    const headers = new AnswerHeaders(['x-frame-options', 'DENY']);
    for (let index = 0; index < 2_000; index++) headers.of([`x-invented-${index}`, ''], 'r');
    expect(headers.of(['x-FRAME-options', 'a', 'KEEP-alive', 'b'], 'r')).toEqual([
      'x-FRAME-options',
      'a',
      'x-request-id',
      'r',
    ]);
  });
});
