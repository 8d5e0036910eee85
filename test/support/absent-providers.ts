const secret = 'k'.repeat(32);

/** Everything the monolith cannot do without: payment providers, at an address where nobody answers. */
export const absentProviders = {
  ACME_URL: 'http://127.0.0.1:9/acme',
  ACME_API_KEY: secret,
  ACME_WEBHOOK_SECRET: secret,
  GLOBEX_URL: 'http://127.0.0.1:9/globex',
  GLOBEX_API_KEY: secret,
  GLOBEX_WEBHOOK_SECRET: secret,
};
