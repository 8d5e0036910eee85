/** Every bench by name, in the order they run. */
export const benches = {
  orders: () => import('./orders/bench.mjs'),
  http: () => import('./http/bench.mjs'),
  calls: () => import('./calls/bench.mjs'),
  'remote-calls': () => import('./remote-calls/bench.mjs'),
  append: () => import('./event-store/append-bench.mjs'),
  replay: () => import('./event-store/replay-bench.mjs'),
  relay: () => import('./relay/bench.mjs'),
  gateway: () => import('./gateway/bench.mjs'),
  'relay-drain': () => import('./relay-drain/bench.mjs'),
  backlog: () => import('./backlog/bench.mjs'),
  soak: () => import('./soak/bench.mjs'),
  rebuild: () => import('./rebuild/bench.mjs'),
  topologies: () => import('./topologies/bench.mjs'),
  conveyor: () => import('./conveyor/bench.mjs'),
};
