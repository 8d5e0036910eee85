import type { FastifyHelmetOptions } from '@fastify/helmet';

/** An answer of the API is data: it may load nothing and be framed by nobody. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Swagger UI: own scripts only, inline styles, and the images it draws as data URIs. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The content security policy is set per path (see `policyOf`); everything else is Helmet's, for every answer. */
export const HELMET_OPTIONS: FastifyHelmetOptions = {
  global: true,
  contentSecurityPolicy: false,
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  hidePoweredBy: true,
};

/** Which pages may do more than an API answer: path prefix → policy. Longer prefixes win. */
export function policyOf(path: string, pages: Record<string, string>): string {
  const prefix = Object.keys(pages)
    .filter((candidate) => path === candidate || path.startsWith(`${candidate}/`))
    .sort((a, b) => b.length - a.length)[0];
  return (prefix === undefined ? undefined : pages[prefix]) ?? API_POLICY;
}
