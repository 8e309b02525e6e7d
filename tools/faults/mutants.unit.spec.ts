import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledTree } from '@millrace/stack';
import { mutants, plantMutant } from './mutants';

/** Each of them copies the whole compiled tree. */
const COPY_WITHIN_MS = 120_000;

describe('a mutant', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-mutants-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }), COPY_WITHIN_MS);

  it.each(mutants)(
    '$name is planted in the code as it is compiled today',
    async (mutant) => {
      const tree = await plantMutant(mutant, compiledTree(), directory);
      for (const { file, replace } of mutant.edits) {
        const [before, after] = await Promise.all(
          [compiledTree(), tree].map((each) => readFile(join(each, file), 'utf8')),
        );
        expect(after).not.toBe(before);
        expect(after).toContain(replace);
      }
    },
    COPY_WITHIN_MS,
  );

  it.each(mutants)('$name lets nothing die at a place that it takes away', ({ edits, crashPoints }) => {
    const named = (text: string) => [...text.matchAll(/crashPoint\('([a-z-]+)'\)/g)].map(([, name]) => name);
    const taken = edits.flatMap(({ find, replace }) =>
      named(find).filter((name) => !named(replace).includes(name)),
    );
    expect(crashPoints.filter((name) => taken.includes(name))).toEqual([]);
  });

  it(
    'that was written for other code is refused',
    async () => {
      const stale = { ...mutants[0]!, edits: [{ ...mutants[0]!.edits[0]!, find: 'this is nowhere' }] };
      await expect(plantMutant(stale, compiledTree(), directory)).rejects.toThrow(
        'was written for other code',
      );
    },
    COPY_WITHIN_MS,
  );
});
