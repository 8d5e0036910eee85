import { Logger } from '@nestjs/common';
import type { Roads } from '../context/roads.js';
import type { OperatorActs } from './operator-acts.js';
import { ProjectionsController } from './projections.controller.js';
import { SagasController } from './sagas.controller.js';

const operator = { id: 'olga', roles: ['operator'] };
const acted: string[] = [];
const acts = {
  record: (context: string, _what: unknown, act: () => Promise<unknown>) => (acted.push(context), act()),
} as unknown as OperatorActs;

/** Two contexts in one process which know the same things by the same names. */
const roads = {
  all: () =>
    ['toys', 'books'].map((context) => ({ context, projectors: [{ name: 'shelf', rebuild: async () => {} }] })),
  sagas: (context?: string) =>
    ['toys', 'books']
      .filter((name) => !context || name === context)
      .map((name) => ({ context: name, find: async () => ({}), resume: async () => 'resumed' })),
} as unknown as Roads;

describe('an act of an operator with ?context=', () => {
  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => acted.splice(0));

  it.each([
    [undefined, 'toys'],
    ['books', 'books'],
  ])('rebuilds a projection of %s in %s', async (context, where) => {
    await new ProjectionsController(roads, acts).rebuild('shelf', { context }, operator);
    expect(acted).toEqual([where]);
  });

  it.each([
    [undefined, 'toys'],
    ['books', 'books'],
  ])('resumes a saga of %s in %s', async (context, where) => {
    await new SagasController(roads, acts).resume('1', { context }, operator);
    expect(acted).toEqual([where]);
  });

  it('finds nothing in a context that is not here', async () => {
    const away = { context: 'maps' };
    await expect(new ProjectionsController(roads, acts).rebuild('shelf', away, operator)).rejects.toThrow(
      'no projection',
    );
    await expect(new SagasController(roads, acts).resume('1', away, operator)).rejects.toThrow('no saga');
    expect(acted).toEqual([]);
  });
});
