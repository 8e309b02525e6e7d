/** Broker answers to a heartbeat after which kafkajs joins the group again. */
const GENERATION_OVER = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNKNOWN_MEMBER_ID',
]);

/** Whether a heartbeat's error means that the member no longer belongs to the group's present generation. */
export function endsGeneration(error: unknown): error is Error {
  return error instanceof Error && 'type' in error && GENERATION_OVER.has(String(error.type));
}
