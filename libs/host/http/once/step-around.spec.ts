import { Controller, Delete, Get, HttpCode, NotFoundException, Param, Post, UseGuards } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Idempotent, NotIdempotent, idempotenceOf } from './idempotent.js';
import type { Around, RequestStep, Route } from './request-step.js';
import { stepAround } from './step-around.js';

const within = new AsyncLocalStorage<string>();

class Named implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    (context.switchToHttp().getRequest() as { guarded?: string }).guarded = context.getHandler().name;
    return true;
  }
}

@UseGuards(Named)
@Controller('notes')
class NotesController {
  private readonly prefix = 'note';

  @Post(':id') @HttpCode(202) write(@Param('id') id: string, ...more: unknown[]) {
    return { text: `${this.prefix} ${id}`, more: more.length, within: within.getStore() };
  }
  @Get('nothing') nothing(): unknown {
    throw new NotFoundException();
  }
  @Get('plain') plain() {
    return { within: within.getStore() };
  }
  helper() {
    return 'not a route';
  }
}

class Recording implements RequestStep {
  readonly routes: Route[] = [];

  constructor(
    private readonly name: string,
    private readonly around_: (route: Route) => Around | undefined,
  ) {}

  around(route: Route): Around | undefined {
    this.routes.push({ ...route });
    return this.around_(route);
  }

  get asked() {
    return this.routes.map(({ controller, name }) => `${this.name}: ${controller.name}.${name}`);
  }
}

async function start(steps: RequestStep[]): Promise<NestFastifyApplication> {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers: [NotesController],
    providers: [Named],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  stepAround(app, steps);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

describe('steps around handlers', () => {
  const order: string[] = [];
  const noting = (name: string) =>
    new Recording(name, () => async (_, next) => {
      order.push(`${name} begins`);
      const answer = await within.run(`${within.getStore() ?? ''}${name}`, next);
      order.push(`${name} ends`);
      return answer;
    });
  const outer = noting('a');
  const inner = new Recording('b', ({ name }) => (name === 'write' ? noting('b').around({} as Route) : undefined));
  const last = new Recording('c', ({ name }) =>
    name === 'nothing'
      ? async ({ request, reply }, next) => {
          void reply.header('x-guarded', String((request as { guarded?: string }).guarded));
          return next().catch(() => ({ instead: true }));
        }
      : undefined,
  );
  let app: NestFastifyApplication;
  beforeAll(async () => void (app = await start([outer, inner, last])));
  afterAll(() => app.close());
  beforeEach(() => void (order.length = 0));

  it('run in their order, inside one another, and keep what decorators said', async () => {
    const answer = await app.inject({ method: 'POST', url: '/notes/7' });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ text: 'note 7', within: 'ab' });
    expect(order).toEqual(['a begins', 'b begins', 'b ends', 'a ends']);
  });

  it('run after the guards, and may answer instead of the handler', async () => {
    const answer = await app.inject('/notes/nothing');
    expect([answer.statusCode, answer.json()]).toEqual([200, { instead: true }]);
    expect(answer.headers['x-guarded']).toBe('stepped');
  });

  it('are chosen once per route, for routes only', async () => {
    await app.inject('/notes/plain');
    expect((await app.inject('/notes/plain')).json()).toEqual({ within: 'a' });
    expect(outer.asked).toEqual(['a: NotesController.write', 'a: NotesController.nothing', 'a: NotesController.plain']);
  });

  it('are those of the application, where two have the same controllers', async () => {
    const other = await start([]);
    const answers = await Promise.all([app, other].map((one) => one.inject('/notes/plain')));
    expect(answers.map((one) => one.json())).toEqual([{ within: 'a' }, {}]);
    await other.close();
  });
});

describe('what a route does with keys', () => {
  class Routes {
    @Get() read() {}
    @Post() @Idempotent({ required: true }) once() {}
    @Post() @NotIdempotent('for a test') twice() {}
    @Delete() undecided() {}
  }
  const of = (name: keyof Routes) => idempotenceOf({ controller: Routes, name, handler: Routes.prototype[name] });

  it('is declared wherever something changes', () => {
    expect(of('once')).toEqual({ required: true, keepForHours: 24 });
    expect([of('twice'), of('read')]).toEqual([undefined, undefined]);
    expect(() => of('undecided')).toThrow('Routes.undecided changes something');
  });
});
