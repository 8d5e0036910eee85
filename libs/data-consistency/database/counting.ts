/** Rows counted one by one. Beyond that a number is an estimate: a scrape must not read a million rows. */
export const COUNTED = 10_000;

/** How many entries an index has by its size now and its density when it was last looked over (100 a page when never): SQL. */
export const entriesOf = (index: string): string => `
  (select (pg_relation_size(oid) / 8192 * case when relpages > 0 and reltuples > 0 then reltuples / relpages else 100 end)::bigint
   from pg_class where oid = '${index}'::regclass)`;
