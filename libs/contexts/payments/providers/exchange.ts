import { crashPoint } from '@holdfast/data-consistency';
import { withSpan } from '@holdfast/observability';
import { request } from 'undici';

export interface Question {
  /** For traces; never the address, which may hold a key. */
  name: string;
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** The only kind of answer that is read. */
  contentType: string;
  /** Milliseconds until the last byte of the answer. */
  timeoutMs: number;
}

export interface Reply {
  kind: 'reply';
  status: number;
  body: string;
}

/** No answer, or none that can be read: what was asked for may have happened. */
export interface Lost {
  kind: 'unknown';
  because: string;
}

const LARGEST_REPLY_BYTES = 64 * 1024;

/** One HTTP exchange with a provider. Redirects are not followed: only the configured address is ever called. */
export function exchange(question: Question): Promise<Reply | Lost> {
  return withSpan(question.name, { kind: 'client' }, async () => {
    try {
      return await crashPoint(
        'provider.exchange',
        () => question.name,
        () => send(question),
      );
    } catch (error) {
      return lost(causeOf(error));
    }
  });
}

async function send({ method, url, headers, body, contentType, timeoutMs }: Question): Promise<Reply | Lost> {
  const signal = AbortSignal.timeout(timeoutMs);
  const reply = await request(url, { method, headers, body, signal });
  reply.body.on('error', () => {}); // a body we turn away from fails, and nobody else would hear of it
  const given = String(reply.headers['content-type'] ?? '').split(';', 1)[0];
  if (given !== contentType) {
    reply.body.destroy();
    return lost(`status ${reply.statusCode} with content type "${given}"`);
  }
  const text = await readCapped(reply.body);
  if (text === undefined) return lost(`status ${reply.statusCode} with a body over ${LARGEST_REPLY_BYTES} bytes`);
  return { kind: 'reply', status: reply.statusCode, body: text };
}

async function readCapped(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_REPLY_BYTES) return undefined; // leaving the loop destroys the body
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export const lost = (because: string): Lost => ({ kind: 'unknown', because });

function causeOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  return name === 'TimeoutError' ? 'no answer in time' : `no answer (${code ?? name ?? 'failure'})`;
}
