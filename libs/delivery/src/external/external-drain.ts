import { crashPoint } from '@millrace/contracts';
import type { GroupPartitionParts } from '../group-partition-parts';
import { Lanes } from '../lanes/lanes';
import type { Drain } from '../parking/drain-loop';
import { noteFailedDrain } from '../parking/failed-drain';
import type { ParkedRecord } from '../parking/parking-lot';
import type { ExternalCall } from './external-call';

export interface ExternalDrainOptions<Transaction> extends GroupPartitionParts<Transaction> {
  readonly call: ExternalCall;
}

const ROUND = 512;

/**
 * Runs queues for handlers that call the outside: the records of a key one after another, different keys at once. What a round
 * has done is taken off the queues at its end, so a death in between makes its calls again.
 */
export class ExternalDrain<Transaction> implements Drain {
  constructor(private readonly options: ExternalDrainOptions<Transaction>) {}

  async round(signal: AbortSignal): Promise<boolean> {
    const { at, group, lot, fences, epoch, prepare, call } = this.options;
    const { latest } = fences;
    const due = await lot.due(at, { epoch: epoch(), limit: ROUND });
    if (due.length === 0) return false;
    await prepare(due);
    const done: ParkedRecord[] = [];
    const failed = new Map<string, { readonly record: ParkedRecord; readonly error: unknown }>();
    const lanes = new Lanes<ParkedRecord>({
      concurrency: group.calls.concurrency,
      capacity: Math.max(ROUND, group.calls.concurrency),
      run: async (record) => {
        if (signal.aborted || failed.has(record.fence)) return;
        try {
          const failure = await call.tryOnce(record, { attempt: record.attempts + 1, signal });
          if (failure === undefined) {
            done.push(record);
            crashPoint('queued-call-made');
          } else failed.set(record.fence, { record, error: failure.error });
        } catch {
          // Aborted, and so is all that comes behind it: whoever owns the partition next goes on with it.
        }
      },
    });
    for (const record of due) lanes.offer(record, record.fence);
    await lanes.idle();
    const { records, released } = await lot.finish(done, epoch());
    fences.drained(records, released, latest);
    for (const { record, error } of failed.values()) await noteFailedDrain(this.options, record, error);
    signal.throwIfAborted();
    return true;
  }
}
