import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// The boundary rule reads Nx's graph from its cache and passes everything when there is none: make it current first.
process.env['NX_DAEMON'] = 'false';
await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: false });

/** Who may import whom, by the `type:` tag in each project.json. Nothing may import an app. */
export const allowedImports = {
  app: ['runtime', 'service', 'adapter', 'domain', 'contract'],
  example: ['runtime', 'service', 'adapter', 'domain', 'contract'],
  // Joins adapters for the apps that share the joint, such as reading the log with positions in the database.
  runtime: ['adapter', 'domain', 'contract'],
  service: ['domain', 'contract'],
  adapter: ['domain', 'contract'],
  // The envelope (event) is under the other domains.
  domain: ['domain', 'contract'],
  contract: [],
  testing: ['runtime', 'service', 'adapter', 'domain', 'contract', 'testing'],
  // Measures the platform beside what a team would otherwise use, with the example's data.
  bench: ['example', 'testing', 'runtime', 'service', 'adapter', 'domain', 'contract'],
  tool: ['example', 'testing', 'runtime', 'service', 'adapter', 'domain', 'contract', 'tool'],
};

/** Specs may use the test library and every adapter: they run the real stack. */
const specImports = ['testing', 'runtime', 'service', 'adapter', 'domain', 'contract'];

function boundaries(extraTargets, allow = []) {
  return [
    'error',
    {
      allow,
      // Specs import the test library, which imports the libs they test: a circle of projects, not of files.
      ignoredCircularDependencies: [['testing', '*']],
      depConstraints: Object.entries(allowedImports).map(([source, targets]) => ({
        sourceTag: `type:${source}`,
        onlyDependOnLibsWithTags: [...new Set([...targets, ...extraTargets])].map((tag) => `type:${tag}`),
      })),
    },
  ];
}

/** Packages that one lib wraps, so that its traps are handled in one place. */
const wrappedPackages = [
  { name: 'kafkajs', lib: 'kafka', alsoIn: [] },
  { name: 'avsc', lib: 'schema-registry', alsoIn: [] },
  { name: '@kafkajs/confluent-schema-registry', lib: 'schema-registry', alsoIn: [] },
  { name: 'pg', lib: 'postgres', alsoIn: ['testing'] },
  { name: 'pg-copy-streams', lib: 'postgres', alsoIn: [] },
  { name: '@prometheus-io/client', lib: 'service', alsoIn: [] },
  { name: 'testcontainers', lib: 'testing', alsoIn: [] },
];

function restrictedImports(lib) {
  const restricted = wrappedPackages.filter(
    (wrapped) => wrapped.lib !== lib && !wrapped.alsoIn.includes(lib),
  );
  return [
    'error',
    {
      patterns: restricted.map(({ name, lib: owner }) => ({
        regex: `^${name}(/|$)`,
        message: `Only libs/${owner} imports ${name}: use @millrace/${owner}.`,
      })),
    },
  ];
}

const librariesWithExceptions = [
  ...new Set(wrappedPackages.flatMap((wrapped) => [wrapped.lib, ...wrapped.alsoIn])),
];

export default defineConfig(
  {
    ignores: [
      '**/dist/',
      '**/node_modules/',
      '**/generated/',
      '**/coverage/',
      '.nx/',
      '.millrace/',
      'tools/lint-fixture/',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries([]),
      'no-restricted-imports': restrictedImports(undefined),
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Numbers read well in messages; anything without a sensible text form is still refused.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNever: true },
      ],
      // Nest modules are classes that carry nothing but their decorator.
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowStaticOnly: true },
      ],
      // An async function may exist to fit an interface, and a callback may return a void expression to stay short.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Nest and other libs declare their options as classes and take plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // A type parameter that appears once still documents what a caller gets.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  ...librariesWithExceptions.map((lib) => ({
    files: [`libs/${lib}/**/*.ts`],
    rules: { 'no-restricted-imports': restrictedImports(lib) },
  })),
  {
    files: ['**/*.spec.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      '@nx/enforce-module-boundaries': boundaries(specImports),
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      'jest/expect-expect': [
        'error',
        {
          assertFunctionNames: ['expect', 'expect*', '*.expect*', 'fc.assert', 'assert*', 'checkProjection'],
        },
      ],
      // Laws and asynchronous outcomes are asserted inside callbacks and branches on purpose.
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
      // Specs know what they have put in.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  // What specs share: contract suites that describe tests for a factory, and the fixtures in their test folders.
  {
    files: ['libs/testing/**/*.ts', '{apps,libs,examples}/**/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(specImports) },
  },
  {
    files: ['bench/**/*.ts'],
    rules: {
      // The peers of a benchmark are clients as they are, without our wrapping.
      'no-restricted-imports': 'off',
      // The example is no lib: whoever deletes it deletes its benchmarks, too.
      '@nx/enforce-module-boundaries': boundaries([], ['examples/flights/feeder/']),
    },
  },
  // Programs for a person's terminal print.
  { files: ['tools/**/*.ts', 'apps/cli/**/*.ts', 'examples/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.base],
    languageOptions: { globals: globals.node },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error', 'prefer-const': 'error', eqeqeq: 'error' },
  },
  {
    // The deliberate violations are linted by their own check, without type information: they belong to no tsconfig.
    files: ['tools/lint-fixture/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: false } },
  },
  prettier,
);
