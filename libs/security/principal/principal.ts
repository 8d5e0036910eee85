import { AsyncLocalStorage } from 'node:async_hooks';

/** A role is a word the contexts agree on, such as `admin`; this library only compares it. */
export type Role = string;

/** Who is asking. `id` is the subject of the access token; `sessionId` is the login it belongs to. */
export interface Principal {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly sessionId?: string;
}

/** The part of a principal that travels with a message. The session stays at the edge: a message may outlive it. */
export interface PrincipalEnvelope {
  readonly sub: string;
  readonly roles: readonly Role[];
}

const carried = new AsyncLocalStorage<Principal | undefined>();

/**
 * The principal on whose behalf the current asynchronous call chain runs.
 *
 * @returns the principal, or `undefined` for anonymous calls and for work nobody asked for, such as timers.
 */
export function currentPrincipal(): Principal | undefined {
  return carried.getStore();
}

/**
 * Runs `work` as `principal`; everything it awaits sees the same principal.
 *
 * @param principal whom to act for. `undefined` makes the call anonymous, even inside another `runAs`.
 * @param work      called once, synchronously.
 * @returns whatever `work` returns.
 * @example await runAs(principalFromEnvelope(message.principal), () => handler.handle(message));
 */
export function runAs<Result>(principal: Principal | undefined, work: () => Result): Result {
  return carried.run(principal, work);
}

/**
 * The form of a principal for a message envelope: `{ sub, roles }`, plain JSON.
 *
 * @example envelope.principal = principalToEnvelope(currentPrincipal());
 */
export function principalToEnvelope(principal: Principal): PrincipalEnvelope;
export function principalToEnvelope(principal: Principal | undefined): PrincipalEnvelope | undefined;
export function principalToEnvelope(principal: Principal | undefined): PrincipalEnvelope | undefined {
  return principal && { sub: principal.id, roles: [...principal.roles] };
}

/**
 * Reads a principal back from a message envelope.
 *
 * @param envelope `undefined` or `null` means that nobody asked (a timer, a seed).
 * @throws TypeError when the value is neither absent nor a well-formed `{ sub, roles }`. A damaged principal is never
 *   read as an anonymous one.
 */
export function principalFromEnvelope(envelope: unknown): Principal | undefined {
  if (envelope === undefined || envelope === null) return undefined;
  const { sub, roles } = envelope as Partial<PrincipalEnvelope>;
  if (!isSubject(sub) || !isRoles(roles)) throw new TypeError('The principal of a message must be { sub, roles }');
  return freezePrincipal({ id: sub, roles });
}

/** A copy of the principal that cannot be changed, because one verified token serves many requests. */
export function freezePrincipal({ id, roles, sessionId }: Principal): Principal {
  return Object.freeze({ id, roles: Object.freeze([...roles]), ...(sessionId === undefined ? {} : { sessionId }) });
}

/** Whether the value can be a subject: text of 1–128 characters. */
export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 128;
}

/** Whether the value can be a list of roles: at most 32, each text of 1–64 characters. */
export function isRoles(value: unknown): value is Role[] {
  return (
    Array.isArray(value) &&
    value.length <= 32 &&
    value.every((role) => typeof role === 'string' && role.length >= 1 && role.length <= 64)
  );
}
