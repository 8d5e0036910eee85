import { documentOf, routesOfControllers } from '@holdfast/host';
import { contexts } from '../contexts.js';

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

describe('what the gateway knows of the contexts', () => {
  it('has one owner for every route that the document shows', async () => {
    const routes = contexts.flatMap(({ controllers }) => routesOfControllers(controllers));
    const known = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(known).size).toBe(known.length);
    const { paths } = await documentOf(contexts);
    const shown = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((method) => METHODS.has(method))
        .map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const own = (route: string) => / \/(?:ops|asyncapi\.json)(?:\/|$)/.test(route);
    expect(known.toSorted()).toEqual(shown.filter((route) => !own(route)).toSorted());
    expect(known.length).toBeGreaterThan(20);
  });

  it('has the webhooks marked: they are shed last', () => {
    const webhooks = contexts
      .flatMap(({ controllers }) => routesOfControllers(controllers))
      .filter((one) => one.webhook);
    expect(webhooks.map(({ path }) => path)).toEqual([
      '/api/v1/payments/webhooks/acme',
      '/api/v1/payments/webhooks/globex',
    ]);
  });

  it('makes the same document again, whatever the order', async () => {
    const text = JSON.stringify(await documentOf(contexts));
    expect(JSON.stringify(await documentOf(contexts.toReversed()))).toBe(text);
  });
});
