import { AlreadyDone, type Idempotency, type IdempotentRequest } from '@holdfast/data-consistency';
import type { Principal } from '@holdfast/security';
import { HttpException, type INestApplicationContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as delay } from 'node:timers/promises';
import { Roads } from '../../context/roads.js';
import { badRequest, conflict, unprocessable } from '../problem/problems.js';
import { Fingerprints } from './fingerprints.js';
import { idempotenceOf } from './idempotent.js';
import type { Around, RequestStep, Route } from './request-step.js';

const KEY = /^[\x21-\x7e]{1,255}$/;
const HEADER = 'Idempotency-Key';
/** What failed because the link is dead is not looked up for long: the client asks again. */
const LOOK_UP_MS = 1_000;

/**
 * Gives `@Idempotent` routes their effect once. The way without a repetition costs nothing extra: the record commits with
 * the effect, and is only looked up when something went wrong.
 */
export class IdempotencyStep implements RequestStep {
  private readonly inFlight = new Set<string>();

  constructor(private readonly app: INestApplicationContext) {}

  around(route: Route): Around | undefined {
    const options = idempotenceOf(route);
    if (!options) return undefined;
    const roads = this.app.get(Roads);
    const fingerprinted = new Fingerprints(this.app, route);
    return async ({ request, reply }, next) => {
      const key = keyOf(request, options.required);
      if (key === undefined) return next();
      const about = {
        principal: (request as { user?: Principal }).user?.id ?? 'anonymous',
        route: `${request.method} ${request.routeOptions.url}`,
        key,
      };
      const fingerprint = await fingerprinted.of(request, about);
      const identity = { ...about, fingerprint, keepForHours: options.keepForHours };
      const { idempotency } = roads.of(route.controller);
      return this.once({ identity, idempotency, reply, work: next });
    };
  }

  private async once({ identity, idempotency, reply, work }: OnceOptions): Promise<unknown> {
    const flight = `${identity.principal} ${identity.route} ${identity.key}`;
    if (this.inFlight.has(flight)) throw stillAtWork();
    this.inFlight.add(flight);
    try {
      return await idempotency.within(identity, work);
    } catch (error) {
      return await this.replayed({ identity, idempotency, reply, error });
    } finally {
      this.inFlight.delete(flight);
    }
  }

  /** An error may mean that the effect happened before: by an earlier request, or by this one when only the reply was lost. */
  private async replayed({
    identity,
    idempotency,
    reply,
    error,
  }: Omit<OnceOptions, 'work'> & { error: unknown }): Promise<unknown> {
    if (error instanceof HttpException && error.getStatus() === 400) throw error;
    const recorded = await Promise.race([idempotency.find(identity), delay(LOOK_UP_MS, undefined, { ref: false })]);
    if (!recorded) throw error instanceof AlreadyDone ? stillAtWork() : error;
    if (recorded.fingerprint !== identity.fingerprint) {
      throw unprocessable({
        type: 'idempotency-key-reused',
        detail: 'This key was used before for a request with another content. Use a new key for a new request.',
        field: HEADER,
        rule: 'unique per request',
      });
    }
    void reply.header('Idempotency-Replayed', 'true');
    return recorded.result;
  }
}

interface OnceOptions {
  identity: IdempotentRequest;
  idempotency: Idempotency;
  reply: FastifyReply;
  work: () => Promise<unknown>;
}

function keyOf(request: FastifyRequest, required: boolean): string | undefined {
  const given = request.headers['idempotency-key'];
  if (given === undefined && !required) return undefined;
  if (given === undefined) {
    throw badRequest({
      type: 'idempotency-key-missing',
      detail: `This route needs the header ${HEADER}: any text of your own, new for every new request.`,
      field: HEADER,
      rule: 'required',
    });
  }
  if (Array.isArray(given) || !KEY.test(given)) {
    throw badRequest({
      type: 'idempotency-key-invalid',
      detail: `${HEADER} takes 1 to 255 visible ASCII characters, once.`,
      field: HEADER,
      rule: 'format',
    });
  }
  return given;
}

function stillAtWork() {
  return conflict({
    type: 'request-in-flight',
    detail: 'A request with this key is still at work. Send it again in a moment to get its answer.',
    field: HEADER,
    rule: 'one at a time',
    headers: { 'retry-after': '1' },
  });
}
