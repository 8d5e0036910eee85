// The families of faults: one per folder of test/faults, one for the files beside them, and what needs no shop at all.
import fs from 'node:fs';
import path from 'node:path';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const SEEDS = 10_000;

const WHAT = {
  'crash-points': 'the process dies, or an answer is lost, at every boundary of the road',
  discovery: 'a replica leaves, dies or freezes, the registry is away, wiped or wrong',
  postgres: 'the server dies, hangs, fills up, talks nonsense; connections, replies and locks are lost',
  replicas: 'several processes on one database, paused and killed',
  smuggling: 'bytes through the gateway that two programs may read differently, and two thousand changed at random',
  split: 'processes die and stand still; the broker goes, forgets, repeats, delays; another topology on the same data',
};

/** Faults of a family that need no shop. */
const WITHOUT_SHOP = { discovery: [jest('int', 'libs/(routing|host)/.*(registry|discovery)')] };

/** @returns {{ name: string, what: string, steps: object[] }[]} in the order they run */
export function allFamilies(root) {
  const entries = fs.readdirSync(path.join(root, 'test', 'faults'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [
    {
      name: 'simulation',
      what: `${SEEDS} histories of outbox, conveyor, inbox and saga; then the same with bugs planted, which must be found`,
      steps: [
        simulation(),
        jest('unit', 'libs/data-consistency/simulation'),
        jest('int', 'libs/data-consistency/simulation'),
      ],
    },
    {
      name: 'conveyors',
      what: 'one conformance suite for every conveyor, brokers that forget, crashes before and after every step',
      steps: [jest('int', 'libs/data-consistency/conformance')],
    },
    {
      name: 'read-models',
      what: '50,000 writes that are read with their token while the projector is late; rebuilds beside live traffic',
      steps: [jest('int', 'libs/data-consistency/projections')],
    },
    ...folders.sort().map((name) => ({
      name,
      what: WHAT[name] ?? `test/faults/${name}`,
      steps: [...(WITHOUT_SHOP[name] ?? []), jest('e2e', `test/faults/${name}/`)],
    })),
    {
      name: 'topologies',
      what: 'every journey in split, and in partitions of the contexts that nobody thought of',
      steps: [jest('e2e', 'test/topology/')],
    },
    {
      name: 'processes',
      what: 'kill -9 and SIGTERM under load, starts that cannot succeed or are broken off, what NATS refuses',
      steps: [jest('e2e', 'test/faults/[^/]+\\.e2e-spec')],
    },
  ];
}

function jest(project, pattern) {
  return {
    args: ({ outcome, options }) => [
      ...JEST,
      '--selectProjects',
      project,
      '--testPathPatterns',
      pattern,
      '--json',
      `--outputFile=${outcome}`,
      '--forceExit', // one that hangs would keep the others from running
      ...options,
    ],
    count: (outcome) => {
      if (!fs.existsSync(outcome)) return { injected: 1, held: 0, skipped: 0 }; // it did not even start
      const {
        numPassedTests: held,
        numFailedTests,
        numRuntimeErrorTestSuites,
        numPendingTests: skipped,
      } = JSON.parse(fs.readFileSync(outcome, 'utf8'));
      return { injected: held + numFailedTests + numRuntimeErrorTestSuites, held, skipped };
    },
  };
}

function simulation() {
  return {
    args: () => ['scripts/simulate.mjs', '--seeds', String(SEEDS)],
    count: (_, code) => ({ injected: SEEDS, held: code === 0 ? SEEDS : 0, skipped: 0 }),
  };
}
