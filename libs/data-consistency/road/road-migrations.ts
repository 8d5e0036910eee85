import { Road1700000000000 } from './road-migration.js';
import { RoadLetters1700000000004 } from './road-letters-migration.js';
import { RoadNotHere1700000000007 } from './road-not-here-migration.js';
import { RoadOutboxIndexes1700000000006 } from './road-outbox-indexes-migration.js';
import { RoadOutboxRetention1700000000008 } from './road-outbox-retention-migration.js';
import { RoadPageBytes1700000000009 } from './road-page-bytes-migration.js';
import { RoadRequestId1700000000005 } from './road-request-id-migration.js';
import { RoadRetention1700000000003 } from './road-retention-migration.js';
import { RoadSagaByStatus1700000000010 } from './road-saga-by-status-migration.js';
import { RoadUnread1700000000002 } from './road-unread-migration.js';
import { RoadVia1700000000001 } from './road-via-migration.js';

/** What gives a schema the road's tables, in order; run by the schema's owner before the context's own migrations. */
export const roadMigrations = [
  Road1700000000000,
  RoadVia1700000000001,
  RoadUnread1700000000002,
  RoadRetention1700000000003,
  RoadLetters1700000000004,
  RoadRequestId1700000000005,
  RoadOutboxIndexes1700000000006,
  RoadNotHere1700000000007,
  RoadOutboxRetention1700000000008,
  RoadPageBytes1700000000009,
  RoadSagaByStatus1700000000010,
] as const;
