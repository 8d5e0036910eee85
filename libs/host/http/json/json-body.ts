import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { badRequest, unsupportedMediaType } from '../problem/problems.js';
import { guardJson } from './json-guard.js';
import { keepsRawBody, takesRaw } from './raw-body.js';

/** Bytes of a body. 256 kB */
export const BODY_LIMIT = 262_144;

/** Makes `application/json` in UTF-8, uncompressed, the only kind of body a route can be sent, unless it takes another one raw. */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (request: FastifyRequest, body: Buffer, done) => {
      try {
        guardCharset(request);
        if (keepsRawBody(request)) (request as { rawBody?: Buffer }).rawBody = body;
        done(null, parseJson(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (request: FastifyRequest, body: Buffer, done) => {
      const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
      if (!takesRaw(request, mediaType))
        return done(unsupportedMediaType({ detail: 'Bodies are sent as application/json.' }));
      (request as { rawBody?: Buffer }).rawBody = body;
      done(null, undefined);
    },
  );
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const coding = request.headers['content-encoding'];
    if (coding === undefined || coding.toLowerCase() === 'identity') return done(null, payload);
    done(
      unsupportedMediaType({
        detail: 'Compressed bodies are not accepted.',
        headers: { 'accept-encoding': 'identity' },
      }),
    );
  });
}

/**
 * The value of a JSON body; `undefined` for an empty one, which a route without a body accepts.
 *
 * @throws ProblemException 400 `malformed-json` or `unsafe-json`
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformed('The body is not valid UTF-8.');
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    throw malformed('The body begins with a byte order mark.');
  const text = body.toString('utf8');
  guardJson(text);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('The body is not valid JSON.');
  }
}

function guardCharset(request: FastifyRequest): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return;
  throw unsupportedMediaType({ detail: 'JSON is sent in UTF-8.' });
}

const malformed = (detail: string) => badRequest({ type: 'malformed-json', detail });
