import type { Logger } from '@millrace/contracts';

/** Keeps a test's output to what the test says. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
