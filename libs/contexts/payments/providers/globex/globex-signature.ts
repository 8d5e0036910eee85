import { createHash, createHmac } from 'node:crypto';

export interface GlobexRequest {
  method: 'GET' | 'POST';
  /** Path with query, exactly as sent. */
  path: string;
  body: string;
  now: number;
}

/** The key signs and never travels. */
export function signRequest({ method, path, body, now }: GlobexRequest, apiKey: string): Record<string, string> {
  const signature = createHmac('sha256', apiKey).update(`${method}\n${path}\n${now}\n`).update(body).digest('base64');
  return {
    'x-globex-key': createHash('sha256').update(apiKey).digest('hex').slice(0, 16),
    'x-globex-timestamp': String(now),
    'x-globex-signature': signature,
  };
}
