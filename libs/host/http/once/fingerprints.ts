import type { IdempotentRequest } from '@holdfast/data-consistency';
import { Passwords } from '@holdfast/security';
import type { INestApplicationContext, Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { secretsOf } from '../input/secrets.js';
import { fingerprint } from './fingerprint.js';
import type { Route } from './request-step.js';

type About = Pick<IdempotentRequest, 'principal' | 'route' | 'key'>;

/**
 * Fingerprints of the requests of a route. A secret field (`@SecretField()`) enters as slowly as passwords are hashed, so
 * that a stolen record helps nobody to guess it, and another secret under the same key is still another request.
 */
export class Fingerprints {
  private readonly secrets: readonly string[];
  private readonly passwords: Passwords | undefined;

  /** @throws Error when the route takes secrets and nobody here provides `Passwords` */
  constructor(app: INestApplicationContext, { controller, name }: Route) {
    const inputs = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, name) ?? []) as Type[];
    this.secrets = inputs.flatMap((input) => secretsOf((input?.prototype ?? {}) as object));
    this.passwords = this.secrets.length > 0 ? app.get(Passwords, { strict: false }) : undefined;
  }

  async of({ body = null, params }: FastifyRequest, about: About): Promise<string> {
    return fingerprint({ body: this.passwords ? await this.hidden(body, this.passwords, about) : body, params });
  }

  private async hidden(body: unknown, passwords: Passwords, { principal, route, key }: About): Promise<unknown> {
    const shown = { ...(body as Record<string, unknown>) };
    const salt = createHash('sha256').update(`${principal}\n${route}\n${key}`).digest().subarray(0, 16);
    for (const name of this.secrets) {
      const value = shown[name];
      if (typeof value === 'string') shown[name] = await passwords.sum(value, salt);
    }
    return shown;
  }
}
