import { createHmac } from 'node:crypto';

/** The two roles of a context: one owns the schema and migrates it, the other reads and writes rows in it. */
export type RoleKind = 'owner' | 'app';

/** `orders_app`: a context's name is also its schema's. */
export function roleName(context: string, kind: RoleKind): string {
  return `${schemaName(context)}_${kind}`;
}

/** Dashes are not for identifiers. */
export function schemaName(context: string): string {
  return context.replaceAll('-', '_');
}

/**
 * The password of a context's app role, derived from the administrator's by HMAC-SHA-256, so that nothing needs to be
 * handed out where both are known; elsewhere `<CONTEXT>_DATABASE_URL` gives a process one role only.
 */
export function rolePassword(adminUrl: string, role: string): string {
  const { password } = new URL(adminUrl);
  return createHmac('sha256', `holdfast role ${decodeURIComponent(password)}`)
    .update(role)
    .digest('base64url');
}

/** The administrator's URL, logged in as a context's app role instead. */
export function roleUrl(adminUrl: string, context: string): string {
  const url = new URL(adminUrl);
  const role = roleName(context, 'app');
  url.username = role;
  url.password = rolePassword(adminUrl, role);
  return url.toString();
}
