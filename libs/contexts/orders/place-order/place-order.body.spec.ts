import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { PlaceOrderBody } from './place-order.body.js';
import { ShippingAddressBody, readAddress } from './shipping-address.body.js';

const good = {
  lines: [{ sku: 'TEA-001', quantity: 2 }],
  paymentMethod: { provider: 'acme', token: 'tok_ok' },
  shippingAddress: { name: 'Ada Lovelace', street: '12 Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
};

function faults(body: object): string[] {
  const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
  return validateSync(plainToInstance(PlaceOrderBody, body), options).flatMap((error) => pathsOf(error));
}

function pathsOf({ property, children = [] }: ValidationError): string[] {
  return children.length === 0 ? [property] : children.flatMap(pathsOf).map((path) => `${property}.${path}`);
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `TEA-${index}`, quantity: 1 }));
const line = (change: object) => ({ ...good, lines: [{ ...good.lines[0], ...change }] });
const payment = (change: object) => ({ ...good, paymentMethod: { ...good.paymentMethod, ...change } });
const address = (change: object) => ({ ...good, shippingAddress: { ...good.shippingAddress, ...change } });

describe('the body of an order', () => {
  it.each<[string, object]>([
    ['an ordinary order', good],
    ['the largest quantity', line({ quantity: 1000 })],
    ['a hundred lines', { ...good, lines: lines(100) }],
    ['the other provider', payment({ provider: 'globex' })],
    ['the longest token', payment({ token: 'a'.repeat(64) })],
    [
      'an address with other names for its lines',
      { ...good, shippingAddress: { line1: '1 Road', zip: '1', town: 'B' } },
    ],
    ['an address in one line', { ...good, shippingAddress: '1 Main Street, Berlin' }],
  ])('accepts %s', (_, body) => {
    expect(faults(body)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['no lines', { ...good, lines: [] }, 'lines'],
    ['a hundred and one lines', { ...good, lines: lines(101) }, 'lines'],
    ['a product twice', { ...good, lines: [...good.lines, ...good.lines] }, 'lines'],
    ['a malformed sku', line({ sku: 'tea 1' }), 'lines.0.sku'],
    ['nothing of it', line({ quantity: 0 }), 'lines.0.quantity'],
    ['too much of it', line({ quantity: 1001 }), 'lines.0.quantity'],
    ['half of it', line({ quantity: 0.5 }), 'lines.0.quantity'],
    ['a quantity as text', line({ quantity: '2' }), 'lines.0.quantity'],
    ['a price of the customer’s own', line({ price: 1 }), 'lines.0.price'],
    ['an unknown provider', payment({ provider: 'initech' }), 'paymentMethod.provider'],
    ['a short token', payment({ token: 'ab' }), 'paymentMethod.token'],
    ['a long token', payment({ token: 'a'.repeat(65) }), 'paymentMethod.token'],
    ['a token with a dash', payment({ token: 'tok-ok' }), 'paymentMethod.token'],
    ['an address without a place', { ...good, shippingAddress: { name: 'Ada' } }, 'shippingAddress'],
    ['an unknown line', address({ planet: 'Earth' }), 'shippingAddress.planet'],
    ['a number for a line', address({ zip: 10115 }), 'shippingAddress.zip'],
    ['a street that is no text', address({ street: { toString: 1 } }), 'shippingAddress.street'],
    ['a name of two lines', address({ name: 'Ada\nLovelace' }), 'shippingAddress.name'],
    ['no payment', { ...good, paymentMethod: undefined }, 'paymentMethod'],
    ['no address', { ...good, shippingAddress: undefined }, 'shippingAddress'],
    ['a customer of the caller’s choice', { ...good, customerId: 'somebody' }, 'customerId'],
  ])('refuses %s', (_, body, path) => {
    expect(faults(body)).toEqual([path]);
  });
});

describe('an address', () => {
  it.each<[string, object, object]>([
    ['as documented', good.shippingAddress, good.shippingAddress],
    [
      'with other names for its lines',
      { recipient: 'Ada', line1: '1 Road', line2: 'Flat 2', zip: '10115', town: 'Berlin', countryCode: 'de' },
      { name: 'Ada', street: '1 Road, Flat 2', city: 'Berlin', postalCode: '10115', country: 'DE' },
    ],
    [
      'that says a thing twice',
      { name: 'Ada', recipient: 'Ada', zip: '10115', postalCode: '10115', country: 'Germany', countryCode: 'DE' },
      { name: 'Ada', street: '', city: '', postalCode: '10115', country: 'DE' },
    ],
  ])('is understood %s', (_, written, read) => {
    expect(readAddress(plainToInstance(ShippingAddressBody, written))).toEqual(read);
  });
});
