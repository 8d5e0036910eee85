import { ConcurrencyError } from '../database/errors.js';
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
  /** Its predecessor is appended by the same unit of work. */
  follows: boolean;
}

/**
 * Two writers of one version collide on the primary key: that is the optimistic lock. A version whose predecessor does not
 * exist is refused too, so that the versions of a stream are 1 … n without a gap whatever was expected. The predecessor is
 * looked up by a scalar subselect because PostgreSQL would hash the whole table for an `exists` here.
 */
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
    follows: 'boolean',
  },
  `insert into event (event_id, stream_type, stream_id, version, type, schema_version, data, metadata)
   select event_id, stream_type, stream_id, version, type, schema_version, data, metadata from rows
   where follows or version = 1
      or (select e.version from event e where e.stream_type = rows.stream_type and e.stream_id = rows.stream_id
          and e.version = rows.version - 1) is not null`,
  { missed: () => new ConcurrencyError('the event stream') },
);
