import { readFileSync } from 'node:fs';

// The build's own swc options, less the rewriting of import paths: that is made for the tree in dist, and Jest resolves
// the paths of the sources itself.
const swcrc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
const jsc = { ...swcrc.jsc };
delete jsc.baseUrl;
delete jsc.paths;
const swcOptions = { jsc, module: { type: 'es6' }, sourceMaps: 'inline', swcrc: false };

/** One project for each tier; the tier is the suffix of the file's name. */
function tier(name, { timeoutMs, ...extra }) {
  return {
    displayName: name,
    rootDir: import.meta.dirname,
    testEnvironment: 'node',
    testMatch: [`**/*.${name}.spec.ts`],
    testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
    modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.millrace/', '<rootDir>/.nx/'],
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
    moduleNameMapper: { '^@millrace/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
    transform: { '^.+\\.ts$': ['@swc/jest', swcOptions] },
    globals: { millraceTestTimeoutMs: timeoutMs },
    setupFilesAfterEnv: ['<rootDir>/tools/test/jest-timeout.mjs'],
    ...extra,
  };
}

export default {
  watchman: false,
  projects: [
    tier('unit', { timeoutMs: 10_000 }),
    // One stack for the whole tier: the setup starts it and leaves its addresses in the environment of every worker.
    tier('int', {
      timeoutMs: 60_000,
      globalSetup: '<rootDir>/tools/test/stack-setup.mjs',
      globalTeardown: '<rootDir>/tools/test/stack-teardown.mjs',
    }),
    tier('e2e', { timeoutMs: 240_000 }),
    // End-to-end, too, and too slow for every change.
    tier('full', { timeoutMs: 240_000 }),
  ],
};
