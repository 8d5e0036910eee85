// A context of our own on a fresh database, wired as the host wires one: roles, schema, migrations, pool, road.
import pg from 'pg';
import { Database, Road } from '../../dist/libs/data-consistency/index.js';
import { connect, poolOf } from '../../dist/libs/host/context/connect.js';
import { migrate, roleUrl } from '../../dist/libs/database/index.js';
import { InProcessConveyor } from '../../dist/libs/messaging/index.js';

/**
 * @param {string} options.adminUrl a fresh database
 * @param {string} options.context
 * @param {string[]} [options.tables] the context's own migration, statement by statement
 * @param {number} [options.poolSize] default 8, the host's default
 * @param {object} [options.conveyor]
 * @param {object[]} [options.handlers] of messages, none by default: then the road has no inbox
 * @param {object[]} [options.projections]
 * @param {number} [options.concurrency] messages handled at the same time
 * @param {(handled: object) => void} [options.observed] told about every handled message
 */
export async function openRoad({
  adminUrl,
  context,
  tables = [],
  poolSize = 8,
  conveyor = new InProcessConveyor(),
  handlers = [],
  projections = [],
  concurrency,
  observed = () => {},
}) {
  await migrate({ adminUrl, plans: [{ context, migrations: [migrationOf(tables)] }] });
  const source = await connect({ context: { name: context, entities: [] }, url: roleUrl(adminUrl, context), poolSize });
  const failures = [];
  const road = new Road({
    context,
    database: new Database(poolOf(source)),
    conveyor,
    projections,
    concurrency,
    observed: (handled) => {
      if (handled.error) failures.push(handled.error);
      observed(handled);
    },
    failed: (part, error) => failures.push(new Error(`${part}: ${error.message}`)),
  });
  if (handlers.length > 0) road.connect(handlers);
  return {
    pg,
    road,
    failures,
    count: async (table) => Number((await road.database.one(`select count(*) as count from ${table}`)).count),
    async close() {
      await road.stopHandling();
      await road.releaseLeadership();
      await source.destroy();
    },
  };
}

function migrationOf(tables) {
  return class Bench1700000000001 {
    name = 'Bench1700000000001';
    async up(queryRunner) {
      for (const statement of tables) await queryRunner.query(statement);
    }
    async down() {}
  };
}
