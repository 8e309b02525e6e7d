import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CrashPointName } from '@millrace/contracts';
import { compiledTree } from '@millrace/stack';
import type { Invariant } from '@millrace/testing';
import type { FaultKind } from './fault';
import { windowEdit } from './window';

/** A change of one compiled file. */
export interface Edit {
  /** Below the compiled tree. */
  readonly file: string;
  /** Text of the file, which must be there exactly once, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}

/** A bug that is planted in a compiled tree, to see that it is found. */
export interface Mutant {
  readonly name: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** The faults that bring it out within seconds. */
  readonly kinds: readonly FaultKind[];
  /** Those of the crash points at which it shows: waiting for a death elsewhere, in a rebuild, would take minutes. */
  readonly crashPoints: readonly CrashPointName[];
  /** The topic needs an idempotency window. Default false. */
  readonly window?: true;
  /** It counts as found when one of these is violated. */
  readonly foundBy: readonly Invariant[];
}

/** Where mutants are planted, in the workspace. */
const MUTANT_TREES = '.millrace/mutants';

const POSITION_STORE = 'libs/postgres/src/position-store.js';
/** Effects within the transaction that moves the position. */
const WITHIN = `await effects(client);
            crashPoint('effects-written');
        };
        await inTransaction(this.pool, work);`;

/**
 * Numbers the batches of a request as an idempotent producer does, and takes the numbers back when a send fails. A broker that has
 * just started gives no producer id: without another try that would end the service, and nothing would be published.
 */
const NUMBERED = `const { crc32c } = await import('@node-rs/crc32');
        const planted = (globalThis.planted ??= { numbers: new Map() });
        const newProducer = () => this.broker.initProducerId({ transactionTimeout: 30_000 })
            .catch(() => new Promise((resolve) => setTimeout(resolve, 100)).then(newProducer));
        const { producerId, producerEpoch } = await (planted.producer ??= newProducer());
        for (const each of sent) {
            const { topic, partition, bytes } = each.batch;
            const place = topic + '/' + partition, count = bytes.readInt32BE(57), first = planted.numbers.get(place) ?? 0;
            planted.numbers.set(place, first + count);
            bytes.writeBigInt64BE(BigInt(producerId), 43);
            bytes.writeInt16BE(producerEpoch, 51);
            bytes.writeInt32BE(first, 53);
            bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
            const { reject } = each;
            each.reject = (error) => { planted.numbers.set(place, planted.numbers.get(place) - count); reject(error); };
        }
        const request = produceRequest(`;
/** Readers die around their commits, or outlive their session. */
const READERS_DIE: Pick<Mutant, 'kinds' | 'crashPoints'> = {
  kinds: ['crash-point', 'suspend-long'],
  crashPoints: ['position-moved', 'effects-written', 'position-committed', 'epoch-taken'],
};

export const mutants: readonly Mutant[] = [
  {
    name: 'commit-before-processing',
    what: 'the position is committed, then the effects are written in a transaction of their own',
    edits: [
      {
        file: POSITION_STORE,
        find: WITHIN,
        replace: `};\n await inTransaction(this.pool, work); crashPoint('position-committed');\n await inTransaction(this.pool, effects);`,
      },
    ],
    ...READERS_DIE,
    // The place after the effects is not there any more.
    crashPoints: ['position-moved', 'position-committed', 'epoch-taken'],
    foundBy: ['one-effect', 'consumed-once', 'positions-pass-nothing'],
  },
  {
    name: 'position-outside-transaction',
    what: 'the effects are committed, then the position is moved in a transaction of its own',
    edits: [
      {
        file: POSITION_STORE,
        find: WITHIN,
        // The other group has no effects that could be there twice.
        replace: `};
            await inTransaction(this.pool, effects);
            if (this.reader === 'group/ledger') crashPoint('effects-written');
            await inTransaction(this.pool, work);`,
      },
    ],
    // Each death there shows it: what has to be found within seconds, with every change, must not hang on chance.
    kinds: ['crash-point'],
    crashPoints: ['effects-written'],
    foundBy: ['one-effect', 'consumed-once', 'equal-folds'],
  },
  {
    name: 'no-epoch',
    what: 'a commit asks neither for its epoch nor for the position that it begins at',
    edits: [
      {
        file: POSITION_STORE,
        find: ' AND epoch = $4 AND next_offset = $5',
        replace: ' AND $4::bigint IS NOT NULL AND $5::bigint IS NOT NULL',
      },
    ],
    ...READERS_DIE,
    foundBy: ['one-effect', 'consumed-once', 'equal-folds', 'calls-in-order'],
  },
  {
    name: 'repeats-not-dropped',
    what: 'a record with an identity that came before is handled again',
    edits: [
      {
        file: 'libs/delivery/src/repeat-judgement.js',
        find: 'if (repeat) this.repeats.add(record.offset);\n        return repeat;',
        replace: 'return false;',
      },
    ],
    ...READERS_DIE,
    foundBy: ['one-effect', 'consumed-once', 'equal-folds'],
  },
  {
    name: 'several-idempotent-sends',
    what: 'a partition has several idempotent sends in flight at once, and takes their numbers back when one fails, as kafkajs does',
    edits: [
      {
        file: 'libs/kafka/src/produce/broker-requests.js',
        find: 'const request = produceRequest(',
        replace: NUMBERED,
      },
      // Time for another batch to take the number, as kafkajs's own retries leave it.
      { file: 'libs/kafka/src/log-writer.js', find: 'initialMs: 50,', replace: 'initialMs: 500,' },
      {
        file: 'libs/kafka/src/partition-queue.js',
        find: 'await this.write(batch);\n            this.current = undefined;',
        replace: 'void this.write(batch);\n            this.current = undefined;',
      },
    ],
    kinds: ['produce-response-lost', 'reset'],
    crashPoints: [],
    foundBy: ['acknowledged-in-log'],
  },
  {
    name: 'repeats-without-numbers',
    what: 'a batch whose answer was lost is sent again with other numbers, so that the broker does not know it',
    edits: [
      {
        file: 'libs/kafka/src/produce/batch-numbers.js',
        find: 'const failure = classifyWriteFailure(error);',
        replace: "const failure = 'numbers-lost';",
      },
    ],
    kinds: ['produce-response-lost', 'reset'],
    crashPoints: [],
    window: true,
    foundBy: ['once-in-log'],
  },
  {
    name: 'swap-in-two-transactions',
    what: 'the view of a read model is replaced in one transaction, and the states of its builds in another',
    edits: [
      {
        file: 'libs/postgres/src/replay/swap-builds.js',
        find: "crashPoint('view-replaced');",
        replace: "await tx.query('COMMIT'); crashPoint('view-replaced'); await tx.query('BEGIN');",
      },
    ],
    kinds: ['rebuild', 'crash-point'],
    crashPoints: ['view-replaced'],
    foundBy: ['shown-is-live'],
  },
  {
    name: 'unfenced-key',
    what: 'later records of a key that is parked run, instead of queueing behind it',
    edits: [
      {
        file: 'libs/delivery/src/parking/key-fences.js',
        find: 'if (behind.length === 0) return records;',
        replace: 'return records;',
      },
    ],
    kinds: ['poison-key'],
    crashPoints: [],
    foundBy: ['order-per-key'],
  },
  {
    name: 'position-before-calls',
    what: 'the position of a group that calls the outside follows what was taken, instead of what is done',
    edits: [
      {
        file: 'libs/delivery/src/external/external-partition.js',
        find: 'const to = this.watermark.position;',
        replace: 'const to = this.position.taken;',
      },
    ],
    kinds: ['dependency-down', 'crash-point', 'kill'],
    crashPoints: ['position-committed'],
    foundBy: ['called-for', 'consumed-once', 'positions-pass-nothing'],
  },
  {
    name: 'outbox-passes-open-transactions',
    what: 'the relay of the outbox takes a number that is missing for one that was rolled back',
    edits: [
      {
        file: 'apps/producer/src/outbox/publishable.js',
        find: 'if (number !== last + 1n && number - 1n > settledTo) return rows.slice(0, index);',
        replace: '',
      },
    ],
    kinds: ['kill'],
    crashPoints: [],
    foundBy: ['acknowledged-in-log'],
  },
];

/** The tree that a run starts its services from; undefined for the workspace's own. */
export async function plantedTree(mutant: Mutant | undefined, window: boolean): Promise<string | undefined> {
  if (mutant === undefined && !window) return undefined;
  const edits = [...(mutant?.edits ?? []), ...(window ? [windowEdit] : [])];
  const name = [mutant?.name, window ? 'windowed' : undefined].filter((part) => part !== undefined).join('-');
  return plantMutant({ name, edits }, compiledTree(), MUTANT_TREES);
}

/**
 * Copies a compiled tree and plants a bug in the copy; gives the copy's place. It has to lie in the workspace, where Node
 * finds the packages. @throws Error when the code is not the one that the mutant was written for.
 */
export async function plantMutant(
  mutant: Pick<Mutant, 'name' | 'edits'>,
  dist: string,
  directory: string,
): Promise<string> {
  const tree = join(directory, mutant.name);
  await rm(tree, { recursive: true, force: true });
  await cp(dist, tree, { recursive: true });
  for (const { file, find, replace } of mutant.edits) {
    const code = await readFile(join(tree, file), 'utf8');
    const places = code.split(find).length - 1;
    if (places !== 1) {
      throw new Error(
        `The mutant ${mutant.name} was written for other code: its text is in ${file} ${places} times.`,
      );
    }
    await writeFile(
      join(tree, file),
      code.replace(find, () => replace),
    );
  }
  return tree;
}
