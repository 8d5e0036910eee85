import { startToyApp, type ToyApp } from '../toy-app.fixture.js';

describe('documentation', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp();
  });
  afterAll(() => toys.app.close());

  it('serves Swagger UI under a policy it can live with', async () => {
    const html = await toys.get('/docs');
    expect(html.headers['content-type']).toContain('text/html');
    expect(html.headers['content-security-policy']).toContain("script-src 'self'");
    expect(html.body).not.toMatch(/<script>(?!\s*<\/script>)/);
    for (const file of ['swagger-ui-bundle.js', 'swagger-ui-init.js', 'swagger-ui.css']) {
      expect((await toys.get(`/docs/${file}`)).statusCode).toBe(200);
    }
    expect((await toys.get('/docs/swagger-ui-init.js')).body).toContain('"persistAuthorization": true');
    expect((await toys.get('/docs-yaml')).statusCode).toBe(200);
  });
  it('documents rules, security and problems without being told', async () => {
    const document = (await toys.get('/docs-json')).json();
    const place = document.paths['/api/v1/toys'].post;
    expect(Object.keys(place.responses)).toEqual(['201', '400', '409', '413', '415', '422', '503', '504']);
    expect(place.security).toEqual([]);
    const price = document.paths['/api/v1/toys/{id}/price'].put;
    expect(price.security).toEqual([{ bearer: [] }]);
    expect(Object.keys(price.responses)).toEqual(expect.arrayContaining(['401', '403', '404']));
    expect(document.components.schemas.Line).toMatchObject({
      required: ['sku', 'quantity'],
      properties: { quantity: { type: 'integer', minimum: 1, maximum: 1_000, example: 2 } },
    });
    expect(document.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(Object.keys(document.paths)).toEqual(Object.keys(document.paths).sort());
  });
});
