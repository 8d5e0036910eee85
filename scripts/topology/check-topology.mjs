// Whether the processes of a topology fit together, by what the contexts say about themselves. Nothing is started here.

/** Connections that are nobody's pool: migrations, operators, what PostgreSQL keeps for its superuser. */
const RESERVE = 10;

/** Names by which certificates give a right that is not everybody's. */
const TITLES = ['gateway', 'nats-server'];

/**
 * Which program runs a process, and what it mounts.
 * @returns {{ name: string, app: string, contexts: string[], replicas: number }[]}
 */
export function resolveProcesses({ processes }, manifests) {
  const all = manifests.map(({ name }) => name);
  return processes.map(({ name, app, contexts, replicas }) => {
    if (app === 'gateway') return { name, app, contexts: [], replicas };
    if (app === 'monolith' && !contexts) return { name, app, contexts: all, replicas };
    const mounted = contexts ?? (app && all.includes(app) ? [app] : []);
    return {
      name,
      app: mounted.length === 1 && app !== 'monolith' ? mounted[0] : 'monolith',
      contexts: mounted,
      replicas,
    };
  });
}

/**
 * @param {object} topology from readTopology
 * @param {object[]} manifests of every context there is
 * @param {{ poolSize: number, maxConnections: number }} database
 * @returns {string[]} everything that is wrong, each naming what and where
 */
export function topologyFaults(topology, manifests, database) {
  const processes = resolveProcesses(topology, manifests);
  const known = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  const mounted = [...new Set(processes.flatMap(({ contexts }) => contexts))].filter((name) => known.has(name));
  return [
    ...nameFaults(processes),
    ...mountFaults(topology.processes, processes, known),
    ...edgeFaults(processes),
    ...messageFaults(mounted.map((name) => known.get(name))),
    ...connectionFaults(processes, database),
  ];
}

function nameFaults(processes) {
  const impostors = processes.filter(({ name, app }) => TITLES.includes(name) && name !== app).map(({ name }) => name);
  return [
    ...repeated(processes.map(({ name }) => name)).map((name) => `two processes are named ${name}`),
    ...impostors.map((name) => `${name}: this name is what others know the ${name} by; take another`),
  ];
}

function mountFaults(declared, processes, known) {
  const faults = processes.flatMap(({ name, contexts }, index) => {
    const { app, contexts: listed } = declared[index];
    const names = [...known.keys()].join(', ');
    const unknown = contexts.filter((context) => !known.has(context));
    return [
      ...unknown.map((context) => `${name}: there is no context ${context}; there are ${names}`),
      ...repeated(contexts).map((context) => `${name}: mounts ${context} twice`),
      ...(app && !['gateway', 'monolith'].includes(app) && !known.has(app)
        ? [`${name}: there is no app ${app}; there are gateway, monolith and one per context`]
        : []),
      ...(app === 'gateway' && listed ? [`${name}: a gateway mounts no contexts`] : []),
      ...(known.has(app) && listed && String(listed) !== app ? [`${name}: the app ${app} mounts ${app} only`] : []),
      ...(app !== 'gateway' && contexts.length === 0 ? [`${name}: mounts nothing; give it contexts`] : []),
    ];
  });
  const everywhere = repeated(processes.flatMap(({ contexts }) => [...new Set(contexts)]));
  const twice = everywhere.map((context) => {
    const where = processes.filter(({ contexts }) => contexts.includes(context)).map(({ name }) => name);
    return `${context} is mounted by ${where.join(' and ')}; one process owns a context (replicas: 2 runs it twice)`;
  });
  return [...faults, ...twice];
}

/** One process answers PORT: the gateway, or the only process there is. */
function edgeFaults(processes) {
  const gateways = processes.filter(({ app }) => app === 'gateway');
  if (gateways.length > 1) return [`there are ${gateways.length} gateways, and one PORT`];
  const [gateway] = gateways;
  if (gateway && gateway.replicas > 1) return [`${gateway.name}: one gateway answers PORT; replicas must be 1`];
  if (gateway && processes.length === 1) return [`${gateway.name}: a gateway alone has nobody to pass requests to`];
  if (gateway || (processes.length === 1 && processes[0].replicas === 1)) return [];
  return ['nobody answers PORT: more than one process needs { name: gateway, app: gateway }'];
}

function messageFaults(manifests) {
  const owner = (type) => type.split('.')[0];
  const among = (key) => new Set(manifests.flatMap((manifest) => manifest[key]));
  const [emitted, handled, answered] = ['emits', 'handles', 'answers'].map(among);
  const faults = manifests.flatMap(({ name, reads, sends, asks }) => [
    ...missing(reads, emitted).map((type) => `${name} reads ${type}, which nobody emits: mount ${owner(type)}`),
    ...missing(sends, handled).map((type) => `${name} sends ${type}, which nobody handles: mount ${owner(type)}`),
    ...missing(asks, answered).map((type) => `${name} asks ${type}, which nobody answers: mount ${owner(type)}`),
  ]);
  if (manifests.length > 0 && !manifests.some(({ issuesTokens }) => issuesTokens))
    faults.push('nobody issues access tokens, so nobody could log in: mount users');
  return faults;
}

function connectionFaults(processes, { poolSize, maxConnections }) {
  const wanted = connectionsOf(processes, poolSize);
  if (wanted + RESERVE <= maxConnections) return [];
  return [
    `${wanted} connections (contexts × replicas × ${poolSize}) and ${RESERVE} in reserve are more than PostgreSQL's ` +
      `max_connections of ${maxConnections}: lower replicas or DATABASE_POOL_SIZE`,
  ];
}

/** Connections of all pools when they are full. */
export function connectionsOf(processes, poolSize) {
  return processes.reduce((sum, { contexts, replicas }) => sum + contexts.length * replicas * poolSize, 0);
}

const missing = (types, present) => types.filter((type) => !present.has(type));
const repeated = (names) => [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
