/** Runs a window and adds how many round trips to PostgreSQL each operation took; unknown without the contestant's pg. */
export async function countQueries(pg, window) {
  if (!pg) return window();
  const { prototype } = pg.Client;
  const { query } = prototype;
  let queries = 0;
  prototype.query = function counted(...args) {
    queries++;
    return query.apply(this, args);
  };
  try {
    const sample = await window();
    return { ...sample, roundTrips: queries / sample.ops };
  } finally {
    prototype.query = query;
  }
}
