export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON; else undefined. */
  readonly body: Body;
  readonly text: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  traceId: string;
  errors?: { field: string; rule: string; message: string }[];
}

export interface RequestOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>;
  /** Idempotency-Key. */
  key?: string;
  token?: string;
  headers?: Record<string, string>;
  withinMs?: number;
}

/** Speaks HTTP with the shop, as one user or as nobody. */
export class Client {
  constructor(
    readonly url: string,
    private readonly token?: () => string | undefined,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {}

  async request<Body = Problem>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<Body>> {
    const { body, raw, key, withinMs = 20_000 } = options;
    const token = options.token ?? this.token?.();
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const { fetch } = this;
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...options.headers,
      },
      ...(content !== undefined && { body: content }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text ? JSON.parse(text) : undefined) as Body,
      text,
    };
  }

  get<Body = Problem>(path: string, options?: RequestOptions): Promise<Answer<Body>> {
    return this.request<Body>('GET', path, options);
  }

  post<Body = Problem>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<Body>> {
    return this.request<Body>('POST', path, { ...options, body });
  }

  put<Body = Problem>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<Body>> {
    return this.request<Body>('PUT', path, { ...options, body });
  }
}

/** The answer's body, when its status is the one expected; else fails with everything the shop said. */
export function expecting<Body>(status: number, answer: Answer<Body>): Body {
  if (answer.status !== status)
    throw new Error(`Expected ${status}, got ${answer.status}: ${answer.text.slice(0, 600)}`);
  return answer.body;
}

/** Fails unless the answer is an RFC 9457 problem document with this status, and with this type if one is given. */
export function expectProblem(answer: Answer<unknown>, status: number, slug?: string): Problem {
  const problem = answer.body as Problem;
  expect({ status: answer.status, text: answer.text.slice(0, 400) }).toMatchObject({ status });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({
    type: slug ? `/problems/${slug}` : expect.stringMatching(/^\/problems\/[a-z0-9-]+$/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.any(String),
    traceId: expect.any(String),
  });
  return problem;
}
