import { LocalAuthority } from '@holdfast/security';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { certificateHolders, makeCertificates } from '../../scripts/deploy/certificates.mjs';
import { textOf } from './read-yaml.fixture.js';

const DAY = 24 * 3_600_000;
const cluster = { namespace: 'holdfast', clusterDomain: 'cluster.local' };
const processes = [
  { name: 'edge', app: 'gateway', contexts: [] },
  { name: 'money', app: 'monolith', contexts: ['orders', 'payments'] },
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-deploy-tls-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const make = (more: { now?: number; among?: typeof processes } = {}) => {
  const { among = processes, ...rest } = more;
  return makeCertificates({ folder, holders: certificateHolders(among), LocalAuthority, cluster, ...rest });
};
const place = (...parts: string[]) => path.join(folder, 'tls', ...parts);
const pem = (...parts: string[]) => readFileSync(place(...parts), 'utf8');
const of = (name: string) => new X509Certificate(pem(name, 'tls.crt'));
const modeOf = (...parts: string[]) => statSync(place(...parts)).mode & 0o777;
const EVERYBODY = ['edge', 'money', 'nats-server'];

describe('certificates of a deployment', () => {
  it('name a process by its identity and by everything it is called in Compose and Kubernetes', async () => {
    expect(await make()).toEqual(EVERYBODY);
    const names = of('money').subjectAltName;
    expect(names).toContain('URI:spiffe://holdfast.local/money');
    for (const service of ['money', 'orders', 'payments'])
      for (const end of ['', '.holdfast', '.holdfast.svc', '.holdfast.svc.cluster.local'])
        expect(of('money').checkHost(service + end)).toBe(service + end);
    expect(of('money').checkHost('nats')).toBeUndefined();
    expect(of('edge').subjectAltName).toContain('URI:spiffe://holdfast.local/gateway'); // whom contexts answer
    expect(of('nats-server').checkHost('nats.holdfast.svc')).toBeDefined();
    expect((of('money').validToDate.getTime() - Date.now()) / DAY).toBeCloseTo(90, 0);
  });

  it('are a pair and the authority for each, the keys for their owner only, the authority’s with nobody', async () => {
    await make();
    for (const name of EVERYBODY) {
      expect(readdirSync(place(name)).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
      expect(pem(name, 'ca.crt')).toBe(pem('ca.crt'));
    }
    expect(new Set(EVERYBODY.map((name) => pem(name, 'tls.key'))).size).toBe(3);
    const me = process.getuid?.();
    if (me === undefined) return;
    for (const name of EVERYBODY) expect(modeOf(name, 'tls.key')).toBe(me === 0 || me === 1_000 ? 0o600 : 0o444);
    if (me === 0) expect(statSync(place('money', 'tls.key')).uid).toBe(1_000); // who runs in the container
    expect(modeOf('authority', 'ca.key')).toBe(0o600);
    expect(modeOf('authority')).toBe(0o700);
  });

  it('are ignored by git', () => {
    expect(textOf('.gitignore').split('\n')).toContain('deploy/secrets/');
  });

  it('stay until they end within 65 days, and are renewed then with the mode that their key had', async () => {
    await make();
    const before = EVERYBODY.map((name) => pem(name, 'tls.crt') + pem(name, 'tls.key'));
    expect(await make()).toEqual([]);
    expect(await make({ now: Date.now() + 24 * DAY })).toEqual([]);
    expect(EVERYBODY.map((name) => pem(name, 'tls.crt') + pem(name, 'tls.key'))).toEqual(before);
    chmodSync(place('money', 'tls.key'), 0o440);
    const authority = pem('ca.crt');
    expect(await make({ now: Date.now() + 26 * DAY })).toEqual(EVERYBODY);
    expect(EVERYBODY.map((name) => pem(name, 'tls.crt') + pem(name, 'tls.key'))).not.toEqual(before);
    expect([modeOf('money', 'tls.key'), pem('ca.crt')]).toEqual([0o440, authority]);
  });

  it('are made again when they are of no use: a process mounts more, or a key is not theirs', async () => {
    await make();
    const more = [processes[0]!, { ...processes[1]!, contexts: ['orders', 'payments', 'shipping'] }];
    expect(await make({ among: more })).toEqual(['money']);
    renameSync(place('edge', 'tls.key'), place('money', 'tls.key'));
    expect(await make({ among: more })).toEqual(['edge', 'money']);
  });

  it('do not change their authority by themselves', async () => {
    await make();
    await expect(make({ now: Date.now() + 680 * DAY })).rejects.toThrow(/ca\.crt ends in less than 60 days/);
  });

  it('need the key of their authority only while one is issued', async () => {
    await make();
    rmSync(place('authority', 'ca.key'));
    const authority = pem('ca.crt');
    expect(await make()).toEqual([]);
    await expect(make({ now: Date.now() + 61 * DAY })).rejects.toThrow(/ca\.key is needed .* put it back/);
    expect(pem('authority', 'ca.crt') + pem('edge', 'ca.crt')).toBe(authority.trim() + authority);
  });

  it('outlive their authority’s end in the steps that the README gives, without a moment of mistrust', async () => {
    await make();
    const first = side('money');
    renameSync(place('authority'), place('authority.old'));
    expect(await make()).toEqual([]); // trusted with the new one; nobody shows anything new yet
    const second = side('money');
    for (const name of EVERYBODY) rmSync(place(name, 'tls.crt'));
    expect(await make()).toEqual(EVERYBODY);
    const third = side('money');
    rmSync(place('authority.old'), { recursive: true });
    expect(await make()).toEqual([]);
    const last = side('money');
    const steps = [first, second, third, last];
    for (const [index, one] of steps.slice(1).entries()) {
      expect(await know(one, steps[index]!)).toEqual([true, true]); // in the middle of a step
      expect(await know(steps[index]!, one)).toEqual([true, true]);
    }
    expect(await know(first, last)).toEqual([false, false]);
  });
});

const side = (name: string) => ({ cert: pem(name, 'tls.crt'), key: pem(name, 'tls.key'), ca: pem(name, 'ca.crt') });
type Side = ReturnType<typeof side>;

/** Whether the server knows the caller, and the caller the server. */
async function know(server: Side, client: Side): Promise<[boolean, boolean]> {
  const seen = Promise.withResolvers<boolean>();
  const listener = createServer({ ...server, requestCert: true, rejectUnauthorized: false }, (socket: TLSSocket) => {
    seen.resolve(socket.authorized);
    socket.end();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  const socket = connect({ ...client, port, host: '127.0.0.1', servername: 'orders', rejectUnauthorized: false });
  socket.on('error', () => undefined);
  try {
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    return [await seen.promise, socket.authorized];
  } finally {
    socket.destroy();
    listener.close();
  }
}
