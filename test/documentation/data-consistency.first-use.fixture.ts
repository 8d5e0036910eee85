import { Database, Road, defineStream, roadMigrations } from '@holdfast/data-consistency';
import { InProcessConveyor, Type, defineEvent } from '@holdfast/messaging';
import pg from 'pg';
import { DataSource } from 'typeorm';

const url = process.env.DATABASE_URL!; // its owner's; at work, log in as bank_app
const options = '-c search_path=bank';
const pool = new pg.Pool({ connectionString: url, options });
await pool.query('create schema bank; create role bank_app');
const migrations = [...roadMigrations];
const schema = await new DataSource({ type: 'postgres', url, extra: { options }, migrations }).initialize();
await schema.runMigrations();
await schema.destroy();

const PaidIn = defineEvent('bank.paid-in', 1, Type.Object({ id: Type.String(), cents: Type.Integer() }), { key: 'id' });
type Fact = { type: 'paid-in'; data: { cents: number } };
const account = defineStream<Fact, number>('account', { initial: 0, evolve: (sum, { data }) => sum + data.cents });

const { promise: thanked, resolve: thank } = Promise.withResolvers<unknown>();
const quietly = { projections: [], observed: () => {}, failed: console.error };
const road = new Road({ context: 'bank', database: new Database(pool), conveyor: new InProcessConveyor(), ...quietly });
road.connect([{ name: 'thank', contract: PaidIn, lane: '', maxAttempts: 10, backoffMs: [1_000], handle: thank }]);
road.start();
await road.work.run(async (tx) => {
  const { version } = await road.events.load(account, 'ada'); // load → decide → remember → tell
  tx.append(account, 'ada', version, [{ type: 'paid-in', data: { cents: 250 } }]);
  tx.emit(PaidIn, { id: 'ada', cents: 250 });
}); // one statement: all of it, or nothing
export { account, pool, road, thanked };
