import type { Database } from '@millrace/postgres';
import type { Evidence, HaltedPartition } from '../evidence';
import { readAttempts } from '../read-attempts';
import { readEffects, readReaderPositions, readReadModels } from './read-ledger-database';
import { readLedgerLog } from './read-ledger-log';

export interface EvidenceSources {
  readonly attemptsFile: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly database: Database;
  /** Where readers had to halt, and have said so. Default nowhere. */
  readonly halted?: readonly HaltedPartition[];
}

/**
 * Reads all that a run left behind, from the real servers. Nothing may move meanwhile: the generator has stopped, and the
 * readers have no lag. Nothing parks records or declares them dead yet, so both are empty.
 * @throws what the servers answer; Error when the attempts file cannot be read.
 */
export async function gatherEvidence(sources: EvidenceSources): Promise<Evidence> {
  const { attemptsFile, database, halted = [] } = sources;
  const [attempts, log, effects, positions, readModels] = await Promise.all([
    readAttempts(attemptsFile),
    readLedgerLog(sources),
    readEffects(database),
    readReaderPositions(database),
    readReadModels(database),
  ]);
  return { attempts, log, effects, parked: [], dead: [], positions, halted, readModels };
}
