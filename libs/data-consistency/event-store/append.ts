import { defineWrite } from '../unit-of-work/write.js';

export interface EventRow {
  event_id: string;
  stream_type: string;
  stream_id: string;
  version: number;
  type: string;
  schema_version: number;
  data: object;
  metadata: object;
}

/** Two writers of one version collide on the primary key: that is the optimistic lock. */
export const appendEvents = defineWrite<EventRow>(
  'road.append-events',
  {
    event_id: 'uuid',
    stream_type: 'text',
    stream_id: 'text',
    version: 'int',
    type: 'text',
    schema_version: 'int',
    data: 'json',
    metadata: 'json',
  },
  `insert into event (event_id, stream_type, stream_id, version, type, schema_version, data, metadata)
   select event_id, stream_type, stream_id, version, type, schema_version, data, metadata from rows`,
  { affects: 'any' },
);
