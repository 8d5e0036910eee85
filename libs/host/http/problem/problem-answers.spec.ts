import { expectProblem, startToyApp, type ToyApp } from '../toy-app.fixture.js';
import { libraryProblems } from './library-problems.js';

describe('problems', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp({ errors: libraryProblems });
  });
  afterAll(() => toys.app.close());

  it.each([
    ['boom', 500, 'internal-error'],
    ['text', 500, 'internal-error'],
    ['syntax', 500, 'internal-error'],
    ['conflict', 409, 'sold-out'],
    ['unauthorized', 401, 'unauthorized'],
    ['role', 403, 'insufficient-role'],
    ['passwords', 503, 'passwords-busy'],
    ['longPassword', 422, 'password-too-long'],
    ['concurrency', 409, 'concurrent-change'],
    ['refused', 503, 'unavailable'],
    ['wrapped', 503, 'unavailable'],
    ['pool', 503, 'unavailable'],
    ['noSockets', 503, 'unavailable'],
    ['deadlock', 503, 'unavailable'],
    ['statement', 504, 'deadline-exceeded'],
    ['deadLink', 504, 'deadline-exceeded'],
    ['query', 504, 'deadline-exceeded'],
    ['nul', 400, 'invalid-request'],
    ['nulJson', 400, 'invalid-request'],
  ])('answers %s with %d', async (how, status, slug) => {
    const answer = await toys.get(`/api/v1/toys/fails/${how}`);
    expectProblem(answer, status, slug);
    expect(answer.body).not.toContain('secret');
    if (status === 503) expect(answer.headers['retry-after']).toBe('1');
    if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
  it('answers what middleware throws, before any route', async () => {
    const answer = await toys.get('/api/v1/toys', { 'x-fail-early': 'yes' });
    expectProblem(answer, 500, 'internal-error');
    expect(answer.body).not.toContain('secret');
  });
  it('explains its types', async () => {
    expect((await toys.get('/problems')).json().items.length).toBeGreaterThan(20);
    expect((await toys.get('/problems/overloaded')).json()).toMatchObject({ status: 503 });
    expectProblem(await toys.get('/problems/nothing'), 404);
  });
});
