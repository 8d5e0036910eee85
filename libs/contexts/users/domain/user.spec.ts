import { registerCustomer } from './user.js';

it('makes whoever registers a customer, whatever else comes along', () => {
  const asked = { id: 'u-1', email: 'ada@example.com', name: 'Ada', roles: ['admin'] };
  expect(registerCustomer(asked)).toEqual({ id: 'u-1', email: 'ada@example.com', name: 'Ada', roles: ['customer'] });
});
