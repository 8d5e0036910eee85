import { Apart } from '../../support/faults/apart.js';
import { NetworkNamespace } from '../../support/faults/network-namespace.js';
import { inFull } from '../../support/faults/report.js';
import { SplitGround } from '../../support/faults/split-ground.js';
import { CONTEXTS, TopologyFile } from '../../support/topology-file.js';
import { replicasByNats } from '../discovery/replicas-by-nats.js';
import { brokenBroker } from './broker.js';
import { brokenNetwork } from './network.js';
import { dyingProcesses } from './processes.js';

// All that breaks processes, broker and network of a split shop does so to the same one: starting many processes is dear.
// orders has two, so that one can take over from the other, and they are the ones in a network of their own. In full all others
// have a process each; in `npm test` they share one: the faults are the same, and six of ten processes need not be started.
const others = CONTEXTS.filter((context) => context !== 'orders');
const parts = new TopologyFile('parts', [
  { name: 'orders', contexts: ['orders'], replicas: 2 },
  ...(inFull ? others.map((name) => ({ name, contexts: [name] })) : [{ name: 'others', contexts: others }]),
]);
const namespace = await NetworkNamespace.open();
const belongings = new AsyncDisposableStack();
let ground: SplitGround;

beforeAll(async () => {
  belongings.use(parts);
  belongings.use(namespace);
  const apart = namespace && belongings.use(new Apart(/^orders/, namespace));
  ground = belongings.use(await SplitGround.start({ file: parts.path, apart }));
}, 420_000);
afterAll(() => belongings.disposeAsync(), 180_000);

dyingProcesses(() => ground);
brokenBroker(() => ground);
brokenNetwork(() => ground, namespace);
if (!inFull) replicasByNats(() => ground.shop); // in full they have a shop of their own
