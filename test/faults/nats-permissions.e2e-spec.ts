import { JetStreamConveyor, connectNats, inboxOf, type Message } from '@holdfast/messaging';
import { LocalAuthority, certificatePaths } from '@holdfast/security';
import { PermissionViolationError, nkeys, type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startCertificates, type RunningCertificates } from '../../scripts/topology/certificates.mjs';
import type { Manifest } from '../../scripts/topology/check-topology.mjs';
import { natsKey, natsUsers } from '../../scripts/topology/nats-users.mjs';
import { startNats, type RunningNats } from '../../scripts/topology/nats.mjs';
import { readManifests } from '../../scripts/topology/read-manifests.mjs';
import { eventually } from '../support/eventually.js';
import { commandedBy, foreignSubjects, ownerOf, sourcesOf } from '../support/foreign-subjects.js';

let folder: string;
let manifests: Manifest[];
let certificates: RunningCertificates;
let nats: RunningNats;
const connections = new Map<string, NatsConnection>();

const contexts = () => manifests.map(({ name }) => name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-permissions-'));
  manifests = await readManifests();
  const processes = [
    { name: 'gateway', app: 'gateway', contexts: [] },
    ...contexts().map((name) => ({ name, app: name, contexts: [name] })),
  ];
  certificates = await startCertificates({
    dataDir: folder,
    names: [...processes.map(({ name }) => name), 'nats-server'],
  });
  const users = natsUsers(processes, (name) => natsKey(folder, name).publicKey);
  nats = await startNats({
    dataDir: folder,
    users,
    manifests,
    tls: certificates.pathsOf('nats-server'),
  });
  for (const { name } of processes) {
    // The server waits five seconds for a handshake, which may be short for a machine that is busy with tests.
    const connected = () => connectAs(name).catch(() => undefined);
    connections.set(name, await eventually(connected, { what: `${name} is connected`, withinMs: 60_000 }));
  }
}, 180_000);
afterAll(async () => {
  await Promise.all([...connections.values()].map((one) => one.close()));
  await nats?.stop();
  await certificates?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Credentials {
  nkeySeed?: string;
  tls?: object;
}

const seedOf = (name: string) => readFileSync(natsKey(folder, name).seedFile, 'utf8');

function connectAs(name: string, { nkeySeed = seedOf(name), tls = certificates.pathsOf(name) }: Credentials = {}) {
  return connectNats({
    url: nats.url,
    name,
    inboxPrefix: inboxOf([name]),
    nkeySeed,
    tls,
    reconnect: false,
    waitOnFirstConnect: false,
    maxReconnectAttempts: 1,
  });
}

/** What the server refused of these, each as it names it. */
async function refused(name: string, tried: { publish: string[]; subscribe: string[] }): Promise<Set<string>> {
  const connection = await connectAs(name);
  const heard = new Set<string>();
  const watching = (async () => {
    for await (const status of connection.status()) {
      const { error } = status as { error?: unknown };
      if (error instanceof PermissionViolationError) heard.add(`${error.operation} ${error.subject}`);
    }
  })();
  for (const subject of tried.subscribe) connection.subscribe(subject, { callback: () => undefined });
  for (const [index, subject] of tried.publish.entries()) {
    connection.publish(subject, '{}');
    if (index % 50 === 0) await connection.flush(); // else the server would cut off who does not listen to so many refusals
  }
  await connection.flush(); // it answers in order
  await connection.close();
  await watching;
  return heard;
}

describe('what the credential of a process opens', () => {
  it('is nothing that belongs to another, nor power over everything', async () => {
    const tried = ['gateway', ...contexts()].map((user) => ({ user, ...foreignSubjects(user, manifests) }));
    const heard: Set<string>[] = [];
    for (const { user, ...subjects } of tried) heard.push(await refused(user, subjects));
    const breaches = tried.flatMap(({ user, publish, subscribe }, index) => {
      const wanted = [
        ...publish.map((subject) => `publish ${subject}`),
        ...subscribe.map((subject) => `subscription ${subject}`),
      ];
      return wanted.filter((one) => !heard[index]!.has(one)).map((one) => `${user}: ${one}`);
    });
    expect(breaches).toEqual([]);
    expect(heard.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(3_000);
  }, 120_000);

  it('is its own stream, and what others have said to it', async () => {
    const arrived = new Set<string>();
    const failures: string[] = [];
    const conveyors = new Map<string, JetStreamConveyor>();
    const isOwnCommand = ({ type }: Pick<Message, 'type'>) => type.endsWith('.do.v1');
    for (const { name } of manifests) {
      const failed = (part: string, error: unknown) => failures.push(`${name} ${part}: ${String(error)}`);
      conveyors.set(name, await JetStreamConveyor.on({ connection: connections.get(name)!, failed, isOwnCommand }));
    }
    const edges = manifests.flatMap((reader) =>
      sourcesOf(reader, manifests).map((source) => `${source} → ${reader.name}`),
    );
    const intakes = manifests.map((reader) => {
      const contracts = [
        ...reader.reads.map((type) => ({ kind: 'event' as const, context: ownerOf(type) })),
        { kind: 'command' as const, context: reader.name },
      ];
      const heard = manifests.some((one) => commandedBy(one).includes(reader.name));
      const intake = conveyors.get(reader.name)!.connect({
        context: reader.name,
        contracts: heard ? contracts : contracts.slice(0, -1),
        reads: () => true,
        ingest: async (messages) => {
          for (const { source } of messages) arrived.add(`${source} → ${reader.name}`);
        },
      });
      return intake!;
    });
    try {
      for (const intake of intakes) intake.lead(1); // before there is anything to read: the writers make the streams
      for (const writer of manifests) {
        const types = [`${writer.name}.said.v1`, ...commandedBy(writer).map((owner) => `${owner}.do.v1`)];
        await carry(conveyors.get(writer.name)!, writer.name, types);
      }
      const missing = () => edges.filter((edge) => !arrived.has(edge));
      await eventually(() => missing().length === 0, {
        what: () => `arrived everywhere; missing ${missing().join(', ')}\n${failures.join('\n')}`,
        withinMs: 40_000,
      });
    } finally {
      await Promise.all(intakes.map((intake) => intake.stepDown()));
    }
    expect(failures.filter((failure) => /permission/i.test(failure))).toEqual([]);
  }, 180_000);

  it('is the questions it declares', async () => {
    const answered = manifests.flatMap(({ name, answers }) => answers.map((type) => ({ name, type })));
    for (const { name, type } of answered) {
      connections
        .get(name)!
        .subscribe(`qry.${type}`, { callback: (_error, asked) => void asked.respond(`from ${name}`) });
      await connections.get(name)!.flush();
    }
    const asked = manifests.flatMap(({ name, asks }) => asks.map((type) => ({ name, type })));
    expect(asked.length).toBeGreaterThan(0);
    for (const { name, type } of asked) {
      const reply = await connections.get(name)!.request(`qry.${type}`, '', { timeout: 5_000 });
      expect(reply.string()).toBe(`from ${ownerOf(type)}`);
    }
  });
});

describe('the door of the server', () => {
  const stranger = () => nkeys.createUser().getSeed();

  it('is closed to whoever has no key, a strange key or no certificate', async () => {
    const { caFile } = certificates.pathsOf('orders');
    const other = path.join(folder, 'other-authority');
    await (await LocalAuthority.make()).issueTo(other, { name: 'orders' });
    const impostor = { ...certificatePaths(other), caFile };
    const attempts: Record<string, Credentials> = {
      'a strange key': { nkeySeed: new TextDecoder().decode(stranger()) },
      'no certificate': { tls: { caFile } },
      'a certificate of another authority': { tls: impostor },
      'a server it does not trust': { tls: certificatePaths(other) },
    };
    for (const [what, credentials] of Object.entries(attempts)) {
      await expect(connectAs('orders', credentials).then(() => `${what} came in`)).rejects.toThrow();
    }
    const anonymous = {
      url: nats.url,
      name: 'anonymous',
      tls: certificates.pathsOf('orders'),
      waitOnFirstConnect: false,
    };
    await expect(connectNats({ ...anonymous, reconnect: false })).rejects.toThrow(/authoriz/i);
    await expect((await connectAs('orders')).close()).resolves.toBeUndefined(); // with everything right it opens
  }, 30_000);

  it('takes up a renewed certificate without a pause', async () => {
    const before = connections.get('orders')!;
    await certificates.renew();
    nats.reload();
    // Who is just introducing himself while NATS goes through its users again is refused; a process tries again by itself.
    const open = async () => {
      await (await connectAs('orders')).close();
      return true;
    };
    await eventually(() => open().catch(() => false), { what: 'a new connection opened', withinMs: 10_000 });
    expect(before.isClosed()).toBe(false);
    await before.flush();
  });
});

/** A busy machine may be late with an answer; what was sent twice has one id. */
async function carry(conveyor: JetStreamConveyor, source: string, types: string[]): Promise<void> {
  const messages = types.map((type) => messageOf(source, type));
  await eventually(
    async () => {
      try {
        await conveyor.lastCarried(source, () => undefined);
        await conveyor.carry(messages);
        return true;
      } catch (error) {
        if (!/timeout/i.test(String(error))) throw error;
        return false;
      }
    },
    { what: `${source} could say ${types.join(', ')}`, withinMs: 30_000 },
  );
}

function messageOf(source: string, type: string): Message {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type,
    subject: 'a',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: '',
    correlationid: 'c',
    data: {},
  };
}
