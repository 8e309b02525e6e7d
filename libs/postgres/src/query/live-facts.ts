/**
 * What is live, and the last record of each partition that it includes, as `topic/partition/offset` with commas: one row of
 * three columns, or none when nothing is live. `projection` stands for the name.
 */
export function liveFacts(projection: string): string {
  return (
    'SELECT live.version AS millrace_version, live.build AS millrace_build, ' +
    "(SELECT string_agg(topic || '/' || partition || '/' || next_offset - 1, ',' ORDER BY topic, partition) " +
    'FROM millrace.position WHERE reader = live.reader AND next_offset > 0) AS millrace_positions ' +
    `FROM millrace.projection_build AS live WHERE live.projection = ${projection} AND live.state = 'live'`
  );
}

/** The columns of `liveFacts`. */
export interface LiveFacts {
  readonly millrace_version: number | null;
  readonly millrace_build: number | null;
  readonly millrace_positions: string | null;
}
