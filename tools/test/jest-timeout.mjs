import { jest } from '@jest/globals';

// Jest reads `testTimeout` for the whole run only, so each tier's own time comes in as a global.
jest.setTimeout(globalThis.millraceTestTimeoutMs);
