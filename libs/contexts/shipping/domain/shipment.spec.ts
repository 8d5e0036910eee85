import { dispatch, isVisibleTo, piecesOf, prepare } from './shipment.js';

const order = {
  shipmentId: 'the-shipment',
  orderId: 'the-order',
  customerId: 'ada',
  lines: [
    { sku: 'TEA-001', quantity: 2 },
    { sku: 'TEA-002', quantity: 3 },
  ],
};

describe('a shipment', () => {
  it('is prepared for the carrier of its destination and keeps nothing of the address', () => {
    expect(prepare({ ...order, country: 'DE' })).toEqual({ ...order, carrier: 'parcelwise', status: 'prepared' });
    expect(prepare({ ...order, country: 'GB' })).toEqual({ ...order, carrier: 'globepost', status: 'prepared' });
  });

  it('is dispatched with the code its carrier gave it', () => {
    const prepared = prepare({ ...order, country: 'DE' });
    expect(dispatch(prepared, 'CODE')).toEqual({ ...prepared, status: 'dispatched', trackingCode: 'CODE' });
  });

  it('has as many pieces as its lines together', () => {
    expect(piecesOf(prepare({ ...order, country: 'DE' }))).toBe(5);
  });

  it.each<[string, string, string[], boolean]>([
    ['its owner', 'ada', [], true],
    ['an administrator', 'eve', ['admin'], true],
    ['an operator', 'eve', ['operator'], true],
    ['somebody else', 'eve', [], false],
    ['somebody else with another role', 'eve', ['customer'], false],
  ])('shown to %s', (_, id, roles, visible) => {
    expect(isVisibleTo(prepare({ ...order, country: 'DE' }), { id, roles })).toBe(visible);
  });
});
