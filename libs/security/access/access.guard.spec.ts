import { Controller, Get, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentPrincipal, runAs } from '../principal/principal.js';
import type { Principal } from '../principal/principal.js';
import { SecurityModule } from '../security.module.js';
import { AccessTokenIssuer } from '../tokens/access-token-issuer.js';
import { KeysUnavailableError } from '../tokens/key-source.js';
import { generateSigningKey, SigningKeys } from '../tokens/signing-keys.js';
import { TokenVerifier } from '../tokens/token-verifier.js';
import type { TokenVerifierOptions } from '../tokens/token-verifier.js';
import { Open, Roles, SignedIn } from './access-rule.js';
import { Caller } from './caller.js';
import { routesWithoutAccess, UndeclaredAccessError } from './declared-access.js';

@Controller('shop')
class ShopController {
  @Open() @Get('open') open(@Caller() caller?: Principal) {
    return { caller: caller?.id ?? null };
  }
  @SignedIn() @Get('mine') async mine(@Caller() caller: Principal) {
    await new Promise((resolve) => setImmediate(resolve));
    return { caller: caller.id, carried: currentPrincipal()?.id, session: caller.sessionId };
  }
  @Roles('admin') @Get('admin') admin() {
    return { carried: currentPrincipal()?.roles };
  }
  @Open() @Get('carried') carried() {
    return { carried: currentPrincipal()?.id ?? null };
  }
}

@Controller('careless')
class CarelessController {
  @Get('one') one() {}
  @Get('two') two() {}
  @SignedIn() @Get('three') three() {}
  helper() {}
}

@SignedIn()
@Controller('covered')
class CoveredController {
  @Get() list() {}
}

const issuer = 'https://shop.test';
const audience = 'holdfast-edge';
const keys = await SigningKeys.from([await generateSigningKey()]);
const tokens = new AccessTokenIssuer({ issuer, audience, keys });
const bearer = async (id: string, roles: string[] = []) =>
  `Bearer ${(await tokens.issue({ id, roles, sessionId: `session of ${id}` })).accessToken}`;

async function start(controllers: Type[] = [ShopController], options: Partial<TokenVerifierOptions> = {}) {
  const verifier = new TokenVerifier({ issuer, audience, keys, ...options });
  @Module({ imports: [SecurityModule.forRoot({ tokens: verifier })], controllers })
  class ShopModule {}
  const testing = await Test.createTestingModule({ imports: [ShopModule] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('the access guard on Fastify', () => {
  let app: NestFastifyApplication;
  const get = (url: string, authorization?: string) =>
    app.inject({ url: `/shop/${url}`, headers: authorization === undefined ? {} : { authorization } });

  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.close());

  it('lets a caller with a token in, and carries the caller into the handler', async () => {
    const answer = await get('mine', await bearer('ada'));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ caller: 'ada', carried: 'ada', session: 'session of ada' });
  });

  it('answers every unacceptable token with the same 401', async () => {
    const elsewhere = new AccessTokenIssuer({ issuer, audience: 'payments', keys });
    const past = new AccessTokenIssuer({ issuer, audience, keys, clock: () => new Date(Date.now() - 3_600_000) });
    const stranger = await SigningKeys.from([await generateSigningKey()]);
    const forger = new AccessTokenIssuer({ issuer, audience, keys: stranger });
    const presented = [undefined, '', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${'A'.repeat(8192)}`];
    for (const from of [elsewhere, past, forger]) {
      presented.push(`Bearer ${(await from.issue({ id: 'ada', roles: [] })).accessToken}`);
    }
    const answers = await Promise.all(presented.flatMap((header) => [get('mine', header), get('admin', header)]));
    for (const answer of answers) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
      expect(answer.json()).toMatchObject({ errorCode: 'invalid_token' });
    }
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });

  it('answers 403 when the role is missing', async () => {
    const answer = await get('admin', await bearer('ada', ['operator']));
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ errorCode: 'insufficient_role' });
    expect((await get('admin', await bearer('ada', ['admin']))).json()).toEqual({ carried: ['admin'] });
  });

  it('knows the caller of an open route when the token is valid and ignores it when it is not', async () => {
    expect((await get('open', await bearer('ada'))).json()).toEqual({ caller: 'ada' });
    for (const header of [undefined, 'Bearer x', 'Basic YTpi']) {
      const answer = await get('open', header);
      expect([answer.statusCode, answer.json()]).toEqual([200, { caller: null }]);
      expect(answer.headers['www-authenticate']).toBeUndefined();
    }
  });

  it('does not let the caller of the code that makes a request become the caller of the request', async () => {
    const answer = await runAs({ id: 'root', roles: ['admin'] }, () => get('carried'));
    expect(answer.json()).toEqual({ carried: null });
  });

  it('never mixes up concurrent callers', async () => {
    const names = Array.from({ length: 200 }, (_, at) => `user-${at}`);
    const answers = await Promise.all(names.map(async (name) => (await get('mine', await bearer(name))).json()));
    expect(answers.map(({ caller }) => caller)).toEqual(names);
    expect(answers.map(({ carried }) => carried)).toEqual(names);
  });

  it('takes no token from query or cookie', async () => {
    const token = (await bearer('ada')).slice('Bearer '.length);
    const answer = await app.inject({ url: `/shop/mine?access_token=${token}`, cookies: { access_token: token } });
    expect(answer.statusCode).toBe(401);
  });

  it('leaves unknown routes to be 404', async () => {
    expect((await get('nowhere')).statusCode).toBe(404);
  });
});

describe('over a real socket', () => {
  it('refuses two Authorization headers, even two valid ones', async () => {
    const app = await start();
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const ask = (headers: string[]) =>
      new Promise<number | undefined>((resolve, reject) => {
        const all = ['Host', 'shop.test', 'Connection', 'close', ...headers];
        request({ port, host: '127.0.0.1', path: '/shop/mine', headers: all }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        })
          .on('error', reject)
          .end();
      });
    const ada = await bearer('ada');
    expect(await ask(['Authorization', ada])).toBe(200);
    expect(await ask(['Authorization', ada, 'authorization', ada])).toBe(401);
    await app.close();
  });
});

describe('two applications in one process', () => {
  it('each believe their own keys only', async () => {
    const first = await start();
    const other = await SigningKeys.from([await generateSigningKey()]);
    const second = await start([ShopController], { keys: other });
    const authorization = await bearer('ada');
    const ask = async (app: NestFastifyApplication) =>
      (await app.inject({ url: '/shop/mine', headers: { authorization } })).statusCode;
    expect([await ask(first), await ask(second)]).toEqual([200, 401]);
    await Promise.all([first.close(), second.close()]);
  });
});

describe('while the keys cannot be read', () => {
  it('signed-in routes answer 503 with Retry-After and open ones stay open', async () => {
    const app = await start([ShopController], { keys: { keyFor: () => Promise.reject(new KeysUnavailableError()) } });
    const headers = { authorization: await bearer('ada') };
    const mine = await app.inject({ url: '/shop/mine', headers });
    expect(mine.statusCode).toBe(503);
    expect(mine.headers['retry-after']).toBe('1');
    expect(mine.json()).toMatchObject({ errorCode: 'keys_unavailable' });
    expect((await app.inject({ url: '/shop/mine' })).statusCode).toBe(401);
    expect((await app.inject({ url: '/shop/open', headers })).json()).toEqual({ caller: null });
    await app.close();
  });
});

describe('a route nobody decided about', () => {
  it('is found by name', () => {
    expect(routesWithoutAccess([ShopController, CarelessController, CoveredController])).toEqual([
      'CarelessController.one',
      'CarelessController.two',
    ]);
  });

  it('stops the boot, and every offender is named', async () => {
    await expect(start([ShopController, CarelessController])).rejects.toThrow(UndeclaredAccessError);
    await expect(start([CarelessController])).rejects.toMatchObject({
      routes: ['CarelessController.one', 'CarelessController.two'],
    });
  });

  it('is denied to everybody, should it ever run', async () => {
    const app = await start([CoveredController]);
    const decided = Reflect.getMetadata('holdfast:access', CoveredController);
    try {
      Reflect.deleteMetadata('holdfast:access', CoveredController);
      expect(routesWithoutAccess([CoveredController])).not.toEqual([]);
      const headers = { authorization: await bearer('ada', ['admin']) };
      const answer = await app.inject({ url: '/covered', headers });
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ errorCode: 'access_undeclared' });
    } finally {
      Reflect.defineMetadata('holdfast:access', decided, CoveredController);
      await app.close();
    }
  });
});
