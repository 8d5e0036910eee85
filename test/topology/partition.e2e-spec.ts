import { inFull } from '../support/faults/report.js';
import { ALL_JOURNEYS } from '../support/journeys.js';
import { runJourneysIn } from '../support/shared-topology.js';

// `TOPOLOGIES=partition:7` has a certain one again.
const given = process.env.TOPOLOGIES?.split(',').filter((name) => name.startsWith('partition'));
const PARTITIONS = given ?? Array.from({ length: inFull ? 6 : 0 }, () => 'partition');

for (const name of PARTITIONS) await runJourneysIn(name, ALL_JOURNEYS);

// In `npm test` one is bought in when test/faults/split/switching.e2e-spec.ts changes to it.
if (PARTITIONS.length === 0) it.skip('the shop as a partition', () => {});
