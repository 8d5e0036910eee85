import { inFull } from '../support/faults/report.js';
import { ALL_JOURNEYS, SMOKE_JOURNEYS } from '../support/journeys.js';
import { runJourneysIn } from '../support/shared-topology.js';

// `TOPOLOGIES=partition:7` has a certain one again, with all journeys.
const given = process.env.TOPOLOGIES?.split(',').filter((name) => name.startsWith('partition'));
const PARTITIONS = given ?? Array.from({ length: inFull ? 6 : 1 }, () => 'partition');

for (const name of PARTITIONS) await runJourneysIn(name, inFull || given ? ALL_JOURNEYS : SMOKE_JOURNEYS.partition);
