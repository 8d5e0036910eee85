import Sequencer from '@jest/test-sequencer';
import { ALL_JOURNEYS } from '../journeys.ts';

const TOGETHER = 'test/journeys/all.e2e-spec.ts';
const MADE_TOGETHER = ALL_JOURNEYS.map((name) => `test/journeys/${name}.e2e-spec.ts`);

/**
 * What takes longest, longest first: started last it would be alone at the end. Jest knows how long a file took last time, but
 * in a fresh clone it takes the biggest file for the longest, and these are small.
 */
const LONGEST = [
  TOGETHER,
  'test/topology/split',
  'test/faults/split/one-ground',
  'test/faults/postgres/one-ground',
  'test/faults/crash-points/',
  'test/faults/split',
  'test/faults/replicas/',
  'test/faults/ends',
  'test/topology/partition',
  'libs/data-consistency/conformance/',
  'test/journeys/',
  'test/faults/',
  'apps/replay/',
  'test/deploy/image',
];

const is = (name) => (test) => test.path.replaceAll('\\', '/').includes(name);

/** Long files first, and no journey twice: those that all make one shop's journeys need no shops of their own. */
export default class extends Sequencer {
  sort(tests) {
    const place = (test) => [...LONGEST, ''].findIndex((name) => is(name)(test));
    const once = tests.some(is(TOGETHER))
      ? tests.filter((test) => !MADE_TOGETHER.some((name) => is(name)(test)))
      : tests;
    return super.sort(once).toSorted((a, b) => place(a) - place(b));
  }
}
