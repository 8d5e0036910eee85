import { topologies } from '../support/topology.js';
import { inParallel } from '../support/eventually.js';
it('repro', async () => {
  await using shop = await topologies[0]!.start();
  const ada = await shop.customer();
  for (let i = 0; i < 40; i++) {
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'delay-webhook', delayMs: 1_500 });
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'lose-reply' });
  }
  const all = await inParallel(Array.from({ length: 40 }), 6, async (_, i) => {
    const { id } = await ada.placeOrder({ quantity: 4, token: 'tok_unknown_then_ok' });
    if (i % 2) await ada.reached(id, 'reserved', 'authorised');
    await ada.cancel(id);
    return id;
  });
  await shop.quiet(9_000);
  const s = await inParallel(all, 4, async (id) => (await ada.order(id)).status);
  console.log(s.join(' '));
}, 120_000);
