import { topologies } from '../support/topology.js';

describe.each(topologies)('a purchase (%s)', (topology) => {
  it('goes from placed to completed', async () => {
    await using shop = await topology.start();
    const ada = await shop.customer();
    const order = await ada.placeOrder({ sku: 'TEA-001', quantity: 2 });
    await shop.quiet();
    expect(await ada.order(order.id)).toMatchObject({ status: 'completed' });
    expect(await shop.stock('TEA-001')).toMatchObject({ available: 998 });
  });
});
