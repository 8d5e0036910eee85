import { inFull } from '../support/faults/report.js';
import { ALL_JOURNEYS, SMOKE_JOURNEYS } from '../support/journeys.js';
import { runJourneysIn } from '../support/shared-topology.js';
import { topologies } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import { internalIdentity } from './internal-identity.js';
import { leastPrivilege } from './least-privilege.js';

// Every journey is made in many processes, too: here all of them with FAULTS=full, else enough to tell.
await runJourneysIn('split', inFull ? ALL_JOURNEYS : SMOKE_JOURNEYS, () => {
  it('tells a purchase as one trace over all processes', async () => {
    await using shop = await topologies[0]!.start();
    const ada = await shop.customer();
    const { id } = await ada.placeOrder();
    await shop.quiet();
    const { spans } = await traceOf(shop, id);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    const services = new Set(spans.map(({ service }) => service));
    for (const name of ['gateway', 'orders', 'checkout', 'inventory', 'payments', 'shipping'])
      expect(services).toContain(name);
  });
  internalIdentity(() => topologies[0]!.start());
  leastPrivilege(() => topologies[0]!.start());
});
