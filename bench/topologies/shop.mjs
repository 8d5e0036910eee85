// The whole shop in one topology, started for a window and stopped after it, always on the same data.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/launch/ports.mjs';
import { until } from '../../scripts/launch/wait.mjs';
import { startTopology } from '../../scripts/topology/start-topology.mjs';
import { cpuOf } from '../harness/processors.mjs';

/** What is still to be done: orders that have not ended well, messages on the road. */
const MOVING = (contexts) => `select
  (select count(*) from orders.event where type = 'order-placed')
    - (select count(*) from orders.event where type = 'order-completed')
  + ${contexts
    .map(
      (context) => `(select count(*) from ${context}.outbox o, ${context}.relay_cursor c
                      where (o.xid, o.position) > (c.xid, c.position))
  + (select count(*) from ${context}.inbox where done_at is null and position is not null)`,
    )
    .join('\n  + ')} as moving`;

/** From the order's first event to its last, by the clock of the database. */
const PURCHASES = `select extract(epoch from done.recorded_at - placed.recorded_at) * 1000 as ms
  from orders.event placed join orders.event done using (stream_type, stream_id)
  where placed.type = 'order-placed' and done.type = 'order-completed' and placed.position > $1`;

const FACTS = (contexts) => `select
  (select count(*) from orders.event where type = 'order-placed') as placed,
  (select count(*) from orders.event where type = 'order-completed') as completed,
  (select count(*) from shipping.shipment where dispatched_at is not null) as shipped,
  (select coalesce(sum(shipped), 0) from inventory.stock) as pieces,
  (select coalesce(sum(reserved), 0) from inventory.stock) as reserved,
  (select count(distinct payment_id) from payments.ledger_entry where account = 'sales') as captured,
  (select count(*) from (select from payments.ledger_entry group by payment_id having sum(debit) <> sum(credit)) as torn) as unequal,
  ${contexts.map((context) => `(select count(*) from ${context}.inbox where parked_at is not null)`).join(' + ')} as parked`;

export class TopologyUnderTest {
  #running;
  #log;
  #customer;

  /** @param {{ file: string, databaseUrl: string, dataDir: string }} place */
  constructor(place) {
    this.place = place;
    fs.rmSync(place.dataDir, { recursive: true, force: true });
    fs.mkdirSync(place.dataDir, { recursive: true });
  }

  async start() {
    const { file, databaseUrl, dataDir } = this.place;
    this.#log = fs.openSync(path.join(dataDir, 'shop.log'), 'a');
    this.port = await freePort();
    this.#running = await startTopology(file, { dataDir, port: this.port, databaseUrl, output: this.#log });
    this.database = new pg.Client({ connectionString: databaseUrl });
    await this.database.connect();
    const { rows } = await this.database.query(
      `select table_schema as name from information_schema.tables where table_name = 'relay_cursor' order by 1`,
    );
    this.contexts = rows.map(({ name }) => name);
    await this.quiet();
    this.#customer ??= await register(this.#running.url);
    this.token = await logIn(this.#running.url, this.#customer);
  }

  get processes() {
    return this.#running.processes.length;
  }

  /** µs of CPU so far: our processes, and NATS where there is one. */
  cpu() {
    return this.#pids().reduce((sum, pid) => sum + cpuOf(pid), 0);
  }

  /** MB of our processes and NATS, what they share counted once. */
  memory() {
    return this.#pids().reduce((sum, pid) => sum + proportionalMegabytes(pid), 0);
  }

  #pids() {
    const { processes, nats } = this.#running;
    return [...processes, ...(nats ? [nats.process] : [])].map(({ pid }) => pid);
  }

  async position() {
    const { rows } = await this.database.query(`select coalesce(max(position), 0) as position from orders.event`);
    return rows[0].position;
  }

  async purchasesSince(position) {
    const { rows } = await this.database.query(PURCHASES, [position]);
    return rows.map(({ ms }) => Number(ms));
  }

  /** Resolves when every order has been completed and nothing is on any road. */
  async quiet() {
    const nothing = async () => Number((await this.database.query(MOVING(this.contexts))).rows[0].moving) === 0;
    if (!(await until(nothing, { withinMs: 120_000, everyMs: 200 })))
      throw new Error(`${this.place.file} is not quiet after two minutes; see ${this.place.dataDir}/shop.log`);
  }

  /** What the data says; nothing needs to run for it. */
  async facts() {
    const client = new pg.Client({ connectionString: this.place.databaseUrl });
    await client.connect();
    const [row] = (await client.query(FACTS(this.contexts))).rows;
    await client.end();
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
  }

  async stop() {
    await this.database?.end().catch(() => {});
    await this.#running?.stop();
    this.#running = this.database = undefined;
    if (this.#log !== undefined) fs.closeSync(this.#log);
    this.#log = undefined;
  }
}

function proportionalMegabytes(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)[1]) / 1_024;
  } catch {
    return 0;
  }
}

async function post(url, route, body) {
  const response = await fetch(`${url}/api/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`POST ${route} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

async function register(url) {
  const customer = { email: 'bench@example.test', password: `bench-${crypto.randomUUID()}` };
  await post(url, 'users', { ...customer, name: 'Bench' });
  return customer;
}

const logIn = async (url, customer) => (await post(url, 'auth/login', customer)).accessToken;
