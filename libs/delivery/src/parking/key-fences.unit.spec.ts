import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { at, recordAt } from '../test/trial-partition';
import { KeyFences } from './key-fences';
import { DEFAULT_PARKING } from './parking-policy';

describe('the fences of a partition', () => {
  it('are full with records that are on their way to their queues, whatever the parking lot says meanwhile', async () => {
    const fences = new KeyFences(at, new MemoryLot(new MemoryLedger()), {
      ...DEFAULT_PARKING,
      maxRecords: 2,
    });
    const records = [recordAt(0), recordAt(1)];
    for (const record of records) fences.queue(record);
    expect(fences.isFull).toBe(true);
    await fences.load();
    expect(fences.isFull).toBe(true);
    expect(fences.refusal()).toBe('2 records are parked already, which is the bound');
    fences.queued(records);
    await fences.load();
    expect(fences.isFull).toBe(false);
  });
});
