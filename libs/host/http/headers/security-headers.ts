import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import { fastify } from 'fastify';

/** An answer of the API is data: it may load nothing and be framed by nobody. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Swagger UI: own scripts only, inline styles, and the images it draws as data URIs. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The content security policy is set per path (see `policyOf`); everything else is Helmet's, for every answer. */
const HELMET_OPTIONS: FastifyHelmetOptions = {
  global: true,
  contentSecurityPolicy: false,
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  hidePoweredBy: true,
};

/** Helmet's headers are the same for every answer, so it is asked once instead of fourteen times per request. */
export async function helmetHeaders(): Promise<[name: string, value: string][]> {
  const asked = fastify();
  await asked.register(helmet, HELMET_OPTIONS);
  let headers = {};
  asked.get('/', (_request, reply) => {
    headers = reply.raw.getHeaders();
    return '';
  });
  await asked.inject('/');
  await asked.close();
  return Object.entries(headers).map(([name, value]) => [name, String(value)]);
}

/** Which pages may do more than an API answer: path prefix → policy. Longer prefixes win. */
export function policies(pages: Record<string, string>): (path: string) => string {
  const longestFirst = Object.entries(pages).sort(([a], [b]) => b.length - a.length);
  return (path) => {
    for (const [prefix, policy] of longestFirst) if (path === prefix || path.startsWith(`${prefix}/`)) return policy;
    return API_POLICY;
  };
}
