// What is about to run, in lines for people.
import { connectionsOf } from './check-topology.mjs';

/**
 * Messages and queries that travel between two processes.
 * @returns {{ from: string, to: string, what: string[] }[]}
 */
export function edgesOf(processes, manifests) {
  const home = new Map(processes.flatMap(({ name, contexts }) => contexts.map((context) => [context, name])));
  const mounted = manifests.filter(({ name }) => home.has(name));
  const edges = new Map();
  const add = (from, to, type) => {
    if (from === to || !from || !to) return;
    const key = `${from} -> ${to}`;
    edges.set(key, { from, to, what: [...(edges.get(key)?.what ?? []), type] });
  };
  for (const { name, reads, sends, asks } of mounted) {
    for (const type of reads) add(home.get(type.split('.')[0]), home.get(name), type);
    for (const type of [...sends, ...asks]) add(home.get(name), home.get(type.split('.')[0]), type);
  }
  return [...edges.values()].sort((a, b) => (a.from + a.to < b.from + b.to ? -1 : 1));
}

/** @returns {string[]} */
export function planLines({ name, processes, manifests, poolSize, maxConnections }) {
  const width = Math.max(...processes.map((one) => one.name.length));
  const list = processes.map(({ name: process, app, contexts, replicas }) => {
    const what = app === 'gateway' ? 'the edge' : contexts.join(', ');
    return `  ${process.padEnd(width)}  ${what}${replicas > 1 ? `  × ${replicas}` : ''}`;
  });
  const edges = edgesOf(processes, manifests).map(({ from, to, what }) => `  ${from} -> ${to}: ${what.length}`);
  const pools = connectionsOf(processes, poolSize);
  return [
    `topology    ${name}: ${processes.reduce((sum, { replicas }) => sum + replicas, 0)} processes`,
    ...list,
    ...(edges.length > 0 ? ['messages and queries between them', ...edges] : []),
    `PostgreSQL  at most ${pools} of ${maxConnections} connections (${poolSize} per context and replica)`,
  ];
}
