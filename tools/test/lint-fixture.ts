/** Lints `tools/lint-fixture`, whose files are deliberately wrong, and fails unless exactly the expected rules fire. */
import { basename } from 'node:path';
import { ESLint } from 'eslint';

const expected: Readonly<Record<string, readonly string[]>> = {
  'domain-imports-adapter.ts': ['@nx/enforce-module-boundaries'],
  'imports-kafkajs.ts': ['no-restricted-imports'],
  'imports-testing.ts': ['@nx/enforce-module-boundaries'],
};

// The normal lint ignores the fixture, so the ignore patterns are switched off here.
const eslint = new ESLint({ ignore: false });
const results = await eslint.lintFiles(['tools/lint-fixture/*.ts']);
const fired = new Map(
  results.map((result) => [
    basename(result.filePath),
    result.messages.map(({ ruleId }) => ruleId ?? 'unparsable'),
  ]),
);

const files = new Set([...Object.keys(expected), ...fired.keys()]);
for (const file of files) {
  const want = expected[file]?.join(', ') ?? 'no such file';
  const got = fired.get(file)?.join(', ') ?? 'no such file';
  if (want !== got) {
    process.exitCode = 1;
    console.error(
      `tools/lint-fixture/${file}: expected ${want}; got ${got === '' ? 'nothing: the lint no longer bites' : got}`,
    );
  }
}
if (process.exitCode === undefined) {
  console.log(`${files.size} deliberate violations, each caught by the expected rule`);
}
