import { readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';
import { type Manifest, resolveProcesses, topologyFaults } from '../../scripts/topology/check-topology.mjs';
import { edgesOf, planLines } from '../../scripts/topology/plan.mjs';
import { parseTopology, readTopology, TopologyFaults } from '../../scripts/topology/read-topology.mjs';

const nothing = {
  emits: [],
  reads: [],
  sends: [],
  timers: [],
  handles: [],
  asks: [],
  answers: [],
  issuesTokens: false,
};
const manifests: Manifest[] = [
  { ...nothing, name: 'users', answers: ['users.token-keys.v1'], issuesTokens: true },
  { ...nothing, name: 'orders', emits: ['orders.order-placed.v1'], answers: ['orders.shipping-address.v1'] },
  { ...nothing, name: 'stock', handles: ['stock.reserve.v1'], reads: ['orders.order-placed.v1'] },
  { ...nothing, name: 'buying', reads: ['orders.order-placed.v1'], sends: ['stock.reserve.v1'] },
  { ...nothing, name: 'shipping', asks: ['orders.shipping-address.v1'] },
];
const database = { poolSize: 8, maxConnections: 100 };
const gateway = '{ name: gateway, app: gateway }';

const faultsOf = (processes: string[], limits = database): string[] => {
  try {
    const text = `name: sample\nprocesses:\n${processes.map((one) => `  - ${one}\n`).join('')}`;
    return topologyFaults(parseTopology(text), manifests, limits);
  } catch (error) {
    return (error as TopologyFaults).faults;
  }
};

describe('a topology', () => {
  it.each([
    ['everything in one process', ['{ name: all, app: monolith }']],
    ['one process per context', [gateway, ...manifests.map(({ name }) => `{ name: ${name}, contexts: [${name}] }`)]],
    [
      'any grouping',
      [gateway, '{ name: a, contexts: [users, stock, shipping] }', '{ name: b, contexts: [buying, orders] }'],
    ],
    [
      'a subset that needs nobody else',
      [gateway, '{ name: a, contexts: [users] }', '{ name: b, app: orders, replicas: 3 }'],
    ],
  ])('may be %s', (_what, processes) => expect(faultsOf(processes)).toEqual([]));

  it.each([
    [
      'an unknown context',
      [gateway, '{ name: a, contexts: [users, odrers] }'],
      /^a: there is no context odrers; there are users, /,
    ],
    ['an unknown app', [gateway, '{ name: a, contexts: [users] }', '{ name: b, app: web }'], /^b: there is no app web/],
    [
      'a context mounted twice',
      [gateway, '{ name: a, contexts: [users] }', '{ name: b, contexts: [orders, users] }'],
      /^users is mounted by a and b/,
    ],
    ['a context listed twice', [gateway, '{ name: a, contexts: [users, users] }'], /^a: mounts users twice/],
    [
      'an event nobody emits',
      [gateway, '{ name: a, contexts: [users, stock] }'],
      /^stock reads orders\.order-placed\.v1, which nobody emits: mount orders$/,
    ],
    [
      'a command nobody handles',
      [gateway, '{ name: a, contexts: [users, orders, buying] }'],
      /^buying sends stock\.reserve\.v1, which nobody handles: mount stock$/,
    ],
    [
      'a query nobody answers',
      [gateway, '{ name: a, contexts: [users, shipping] }'],
      /^shipping asks orders\.shipping-address\.v1, which nobody answers: mount orders$/,
    ],
    ['nobody who issues tokens', [gateway, '{ name: a, contexts: [orders] }'], /mount users$/],
    ['no replicas', [gateway, '{ name: a, contexts: [users], replicas: 0 }'], /^a: replicas is 0,/],
    ['half a replica', [gateway, '{ name: a, contexts: [users], replicas: 1.5 }'], /^a: replicas is 1.5,/],
    [
      'a name used twice',
      [gateway, '{ name: a, contexts: [users] }', '{ name: a, contexts: [orders] }'],
      /^two processes are named a$/,
    ],
    [
      'more connections than there are',
      [gateway, '{ name: a, contexts: [users, orders], replicas: 6 }'],
      /^96 connections .* 10 in reserve .* 100/,
    ],
    [
      'nobody at the edge',
      ['{ name: a, contexts: [users] }', '{ name: b, contexts: [orders] }'],
      /^nobody answers PORT/,
    ],
    ['replicas without a gateway', ['{ name: a, contexts: [users], replicas: 2 }'], /^nobody answers PORT/],
    [
      'two gateways',
      [gateway, '{ name: g2, app: gateway }', '{ name: a, contexts: [users] }'],
      /^there are 2 gateways/,
    ],
    [
      'a gateway with replicas',
      ['{ name: g, app: gateway, replicas: 2 }', '{ name: a, contexts: [users] }'],
      /^g: one gateway answers PORT/,
    ],
    ['a gateway alone', [gateway], /^gateway: a gateway alone/],
    [
      'a gateway with contexts',
      ['{ name: g, app: gateway, contexts: [users] }', '{ name: a, contexts: [orders] }'],
      /^g: a gateway mounts no contexts$/,
    ],
    ['a process without contexts', [gateway, '{ name: a, contexts: [users] }', '{ name: b }'], /^b: mounts nothing/],
    [
      'a word nobody knows',
      [gateway, '{ name: a, contexts: [users], replica: 2 }'],
      /^a: nobody knows what "replica" means$/,
    ],
    ['no list of contexts', [gateway, '{ name: a, contexts: users }'], /^a: contexts must be a list/],
    ['a name that is none', [gateway, '{ name: A b, contexts: [users] }'], /^A b: name must be/],
  ])('with %s is refused, by name', (_what, processes, fault) => {
    expect(faultsOf(processes)).toContainEqual(expect.stringMatching(fault));
  });

  it('is told everything that is wrong at once', () => {
    const faults = faultsOf(['{ name: a, contexts: [odrers] }', '{ name: a, contexts: [stock] }']);
    expect(faults.length).toBeGreaterThanOrEqual(4);
  });

  it.each(['processes: [', 'text', 'name: x', 'processes: []', '[]', 'processes: [a]'])(
    'is no topology: %s',
    (text) => {
      expect(() => parseTopology(text)).toThrow(TopologyFaults);
    },
  );

  it('is planned: who talks to whom, and at which price', () => {
    const text = `processes: [${gateway}, { name: a, contexts: [users, orders] }, { name: b, contexts: [stock, buying], replicas: 2 }]`;
    const processes = resolveProcesses(parseTopology(text, 'topology/two.yaml'), manifests);
    expect(edgesOf(processes, manifests)).toEqual([
      { from: 'a', to: 'b', what: ['orders.order-placed.v1', 'orders.order-placed.v1'] },
    ]);
    const lines = planLines({ name: 'two', processes, manifests, ...database });
    expect(lines[0]).toBe('topology    two: 4 processes');
    expect(lines.at(-1)).toBe('PostgreSQL  at most 48 of 100 connections (8 per context and replica)');
  });

  it.each(readdirSync(path.join(root, 'topology')))('%s is well-formed', (file) => {
    expect(readTopology(path.join(root, 'topology', file)).name).toBe(file.replace('.yaml', ''));
  });
});
