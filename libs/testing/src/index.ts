/** What specs need beside the code they test: the stack, ways to wait, and comparisons that name what differs. */
export { applyCatalogue } from './apply-catalogue';
export { compactTopic, deleteRecordsBefore, growTopic, makeTopicAgain, moveGroupOffsets } from './change-log';
export { diffIds } from './diff-ids';
export type { IdDifference } from './diff-ids';
export { setup, teardown } from './global-setup';
export { readLog, readRecord } from './read-log';
export type { StoredRecord } from './read-log';
export { serversUnderTest } from './servers-under-test';
export { silentLogger } from './silent-logger';
export { createTestDatabase } from './test-database';
export type { TestDatabase } from './test-database';
export { startTestStack } from './test-stack';
export type { TestService, TestStack } from './test-stack';
export { TrialTopic } from './trial-topic';
export { uniqueName } from './unique-name';
export { waitFor } from './wait-for';
