import { Database, EventStore, Operations, ReadModels, Road, UnitOfWork } from '@holdfast/data-consistency';
import type { DatabaseSettings } from '@holdfast/database';
import type { Conveyor } from '@holdfast/messaging';
import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONVEYOR } from '../boot/line.js';
import { RoadWatch } from '../operations/road-watch.js';
import { connect, poolOf } from './connect.js';
import type { Context } from './context.js';

/** What a context finds in its module without wiring it: its own database, unit of work, event store and road. */
@Module({})
export class RoadModule {
  static forContext(context: Context, settings: DatabaseSettings): DynamicModule {
    return {
      module: RoadModule,
      providers: [
        { provide: DataSource, useFactory: () => connect({ context, ...settings }) },
        { provide: Database, inject: [DataSource], useFactory: (source: DataSource) => new Database(poolOf(source)) },
        {
          provide: Road,
          inject: [Database, CONVEYOR, RoadWatch],
          useFactory: (database: Database, conveyor: Conveyor, watch: RoadWatch) =>
            new Road({
              context: context.name,
              database,
              conveyor,
              projections: context.projections,
              expiring: context.expiring,
              ...(context.concurrency !== undefined && { concurrency: context.concurrency }),
              ...watch.over(context.name),
            }),
        },
        { provide: UnitOfWork, inject: [Road], useFactory: ({ work }: Road) => work },
        { provide: EventStore, inject: [Road], useFactory: ({ events }: Road) => events },
        { provide: ReadModels, inject: [Road], useFactory: ({ readModels }: Road) => readModels },
        {
          provide: Operations,
          inject: [Road],
          useFactory: (road: Road) => new Operations(context.name, road.database, () => road.wakeInbox()),
        },
      ],
      exports: [DataSource, Database, Road, UnitOfWork, EventStore, ReadModels, Operations],
    };
  }
}
