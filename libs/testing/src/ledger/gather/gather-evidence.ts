import type { Database } from '@millrace/postgres';
import type { Evidence, HaltedPartition } from '../evidence';
import { readAttempts } from '../read-attempts';
import { readAsides, readCalls } from './read-delivery';
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
 * readers have no lag.
 * @throws what the servers answer; Error when the attempts file cannot be read.
 */
export async function gatherEvidence(sources: EvidenceSources): Promise<Evidence> {
  const { attemptsFile, database, halted = [] } = sources;
  const [attempts, log, effects, calls, asides, positions, readModels] = await Promise.all([
    readAttempts(attemptsFile),
    readLedgerLog(sources),
    readEffects(database),
    readCalls(database),
    readAsides(database),
    readReaderPositions(database),
    readReadModels(database),
  ]);
  return { attempts, log, effects, calls, ...asides, positions, halted, readModels };
}
