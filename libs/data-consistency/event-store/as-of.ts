/**
 * A condition on events of the stream ($1, $2): those before the first one that was recorded after a moment. That is a
 * whole beginning of the stream, also when a clock was set back. To the millisecond: clients are shown no more, and what
 * they were shown must be found at the very moment they were shown.
 *
 * @param moment the placeholder of the moment
 */
export const BY_THEN = (moment: `$${number}`): string => `
  and version < coalesce((select min(later.version) from event later where later.stream_type = $1 and later.stream_id = $2
                          and date_trunc('milliseconds', later.recorded_at) > ${moment}::timestamptz), 2147483647)`;
