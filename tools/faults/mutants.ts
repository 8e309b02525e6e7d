import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A bug that is planted in a compiled tree, to see that it is found. */
export interface Mutant {
  readonly name: string;
  readonly what: string;
  /** Below the compiled tree. */
  readonly file: string;
  /** Text of the compiled file, which must be there exactly once, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}

const POSITION_STORE = 'libs/postgres/src/position-store.js';
/** Effects within the transaction that moves the position. */
const WITHIN = `await effects(client);
            crashPoint('effects-written');
        };
        await inTransaction(this.pool, work, begin);`;
const POSITIONED_PARTITION = 'libs/delivery/src/positioned-partition.js';

export const mutants: readonly Mutant[] = [
  {
    name: 'commit-before-processing',
    what: 'the position is committed, then the effects are written in a transaction of their own',
    file: POSITION_STORE,
    find: WITHIN,
    replace: `};\n await inTransaction(this.pool, work, begin); crashPoint('position-committed');\n await inTransaction(this.pool, effects);`,
  },
  {
    name: 'position-outside-transaction',
    what: 'the effects are committed, then the position is moved in a transaction of its own',
    file: POSITION_STORE,
    find: WITHIN,
    replace: `};\n await inTransaction(this.pool, effects); crashPoint('effects-written');\n await inTransaction(this.pool, work, begin);`,
  },
  {
    name: 'no-epoch',
    what: 'a commit asks neither for its epoch nor for the position that it begins at',
    file: POSITION_STORE,
    find: ' AND epoch = $4 AND next_offset = $5',
    replace: ' AND $4::bigint IS NOT NULL AND $5::bigint IS NOT NULL',
  },
  {
    name: 'repeats-not-dropped',
    what: 'a record with an identity that came before is handled again',
    file: POSITIONED_PARTITION,
    find: 'if (repeat) this.repeats.add(record.offset);\n        return repeat;',
    replace: 'return false;',
  },
];

/**
 * Copies a compiled tree and plants a bug in the copy; gives the copy's place. It has to lie in the workspace, where Node
 * finds the packages. @throws Error when the code is not the one that the mutant was written for.
 */
export async function plantMutant(mutant: Mutant, dist: string, directory: string): Promise<string> {
  const tree = join(directory, mutant.name);
  await rm(tree, { recursive: true, force: true });
  await cp(dist, tree, { recursive: true });
  const file = join(tree, mutant.file);
  const code = await readFile(file, 'utf8');
  const places = code.split(mutant.find).length - 1;
  if (places !== 1) {
    throw new Error(
      `The mutant ${mutant.name} was written for other code: its text is in ${mutant.file} ${places} times.`,
    );
  }
  await writeFile(
    file,
    code.replace(mutant.find, () => mutant.replace),
  );
  return tree;
}
