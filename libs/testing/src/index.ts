/** What specs need beside the code they test: the stack, ways to wait, and comparisons that name what differs. */
export { diffIds } from './diff-ids';
export type { IdDifference } from './diff-ids';
export { setup, teardown } from './global-setup';
export { serversUnderTest } from './servers-under-test';
export { silentLogger } from './silent-logger';
export { startTestStack } from './test-stack';
export type { TestService, TestStack } from './test-stack';
export { uniqueName } from './unique-name';
export { waitFor } from './wait-for';
