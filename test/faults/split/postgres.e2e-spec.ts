import { migrated } from '../../support/faults/broken-ground.js';
import { OwnPostgres } from '../../support/faults/own-postgres.js';
import { faultReport, itInFull } from '../../support/faults/report.js';
import { SplitGround } from '../../support/faults/split-ground.js';

const report = faultReport('PostgreSQL under a split shop');

describe('a split shop whose PostgreSQL goes away', () => {
  itInFull(
    'restarted and killed under load',
    async () => {
      const postgres = await OwnPostgres.start();
      try {
        await migrated(postgres.migrate());
        await using ground = await SplitGround.start({ databaseUrl: postgres.url });
        const pids = ground.processes.map(({ pid }) => pid);
        for (const how of ['restart', 'kill'] as const) {
          const placed = await ground.during(async () => {
            for (let time = 0; time < 3; time++) await postgres[how]();
          });
          report(`PostgreSQL ${how === 'kill' ? 'kill -9' : 'immediate restart'} ×3`, await ground.holds(placed));
        }
        expect(ground.processes.map(({ pid }) => pid)).toEqual(pids); // nobody ended over it
      } finally {
        await postgres.stop();
      }
    },
    600_000,
  );
});
