import { ALL_JOURNEYS } from '../support/journeys.js';
import { runJourneysIn } from '../support/shared-topology.js';
import { topologies } from '../support/topology.js';

// All journeys in one shop. A run that has this file leaves out theirs (test/support/jest/sequencer.mjs); asked for by name, a
// journey has a shop of its own.
for (const name of topologies.map(String)) await runJourneysIn(name, ALL_JOURNEYS);
