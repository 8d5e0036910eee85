import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hmacSha256, sameSecret, sha256 } from '../secrets.js';
import { GlobexError } from './globex-errors.js';

const clockLeewayMs = 5 * 60_000;

declare module 'fastify' {
  interface FastifyRequest {
    rawBody?: Buffer;
  }
}

/** Reads form bodies and lets only correctly signed requests in. The API key itself never travels. */
export function acceptSignedForms(app: FastifyInstance, apiKey: string): void {
  app.decorateRequest('rawBody', undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    request.rawBody = body as Buffer;
    const pairs = [...new URLSearchParams(body.toString())];
    const fields = Object.fromEntries(pairs);
    if (Object.keys(fields).length === pairs.length) done(null, fields);
    else done(new GlobexError(400, 'BAD_REQUEST', 'A field was given twice'));
  });
  app.addHook('preValidation', async (request) => verify(request, apiKey));
}

export const keyIdOf = (apiKey: string) => sha256(apiKey).slice(0, 16);

function verify(request: FastifyRequest, apiKey: string): void {
  const header = (name: string) => request.headers[name] as string | undefined;
  const timestamp = header('x-globex-timestamp') ?? '';
  if (!sameSecret(header('x-globex-key'), keyIdOf(apiKey))) throw new GlobexError(401, 'UNKNOWN_KEY', 'Unknown key');
  if (!/^\d{13}$/.test(timestamp) || Math.abs(Date.now() - Number(timestamp)) > clockLeewayMs) {
    throw new GlobexError(401, 'STALE_TIMESTAMP', 'The timestamp is missing or too far from now');
  }
  const lines = `${request.method}\n${request.raw.url}\n${timestamp}\n`;
  const expected = hmacSha256(apiKey, lines, request.rawBody ?? '').digest('base64');
  if (!sameSecret(header('x-globex-signature'), expected)) throw new GlobexError(401, 'BAD_SIGNATURE', 'Bad signature');
}
