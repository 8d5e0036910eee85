import path from 'node:path';

export interface Service {
  image?: string;
  build?: string;
  profiles?: string[];
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  privileged?: boolean;
  cap_add?: string[];
  environment?: Record<string, string | number>;
  env_file?: string[];
  secrets?: (string | { source: string; target: string })[];
  ports?: string[];
  volumes?: string[];
  networks?: string[] | Record<string, object>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  deploy?: { resources?: { limits?: { cpus?: string; memory?: string } } };
}

export interface ComposeFile {
  name?: string;
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

/** Names that nobody declared, and conditions that could never come true in a profile that needs them. */
export function composeFaults({ services, volumes, networks, secrets }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const named = (service.volumes ?? []).map((one) => one.split(':')[0]!).filter((one) => !/^[./]/.test(one));
    const joined = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {});
    const sources = (service.secrets ?? []).map((one) => (typeof one === 'string' ? one : one.source));
    const files = Object.keys(mountedSecrets(service));
    const read = Object.entries(service.environment ?? {}).filter(([key]) => key.endsWith('_FILE'));
    return [
      ...missing(named, volumes).map((one) => `${name}: no volume ${one}`),
      ...missing(joined, networks).map((one) => `${name}: no network ${one}`),
      ...missing(sources, secrets).map((one) => `${name}: no secret ${one}`),
      ...read
        .filter(([, file]) => !files.includes(String(file)))
        .map(([key]) => `${name}: ${key} names no secret of it`),
      ...Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) =>
        dependencyFaults(name, service, other, services[other], condition),
      ),
    ];
  });
}

/** Which secret of the file is where in a service. */
export function mountedSecrets({ secrets = [] }: Service): Record<string, string> {
  const places = secrets.map((one) => (typeof one === 'string' ? { source: one, target: one } : one));
  return Object.fromEntries(places.map(({ source, target }) => [path.posix.resolve('/run/secrets', target), source]));
}

function dependencyFaults(name: string, one: Service, other: string, needed: Service | undefined, condition: string) {
  if (!needed) return [`${name}: depends on ${other}, which is not there`];
  const inEvery = (one.profiles ?? []).every((profile) => !needed.profiles || needed.profiles.includes(profile));
  const inNone = !one.profiles && needed.profiles;
  const healthy = needed.build !== undefined || needed.healthcheck?.test !== undefined; // ours brings its own check
  return [
    ...(inEvery && !inNone ? [] : [`${name}: depends on ${other}, which is not in all of its profiles`]),
    ...(condition === 'service_healthy' && !healthy
      ? [`${name}: waits for the health of ${other}, which has none`]
      : []),
  ];
}

const missing = (names: string[], there: Record<string, unknown>) => names.filter((one) => !(one in there));
