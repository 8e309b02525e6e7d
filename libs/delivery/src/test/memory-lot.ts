import type { LogRecord } from '@millrace/event';
import type {
  Drained,
  DrainRequest,
  Parked,
  ParkedRecord,
  ParkingLot,
  ParkingReason,
} from '../parking/parking-lot';
import { fenceOf } from '../parking/parking-lot';
import type { Effects } from './memory-ledger';
import type { MemoryLedger } from './memory-ledger';

interface Row {
  readonly record: LogRecord;
  readonly fence: string;
  state: 'queued' | 'dead';
  attempts: number;
}

/**
 * A parking lot in memory, beside a ledger in memory. What happens in a transaction of the ledger is undone with it. Every
 * queue is due at once.
 */
export class MemoryLot implements ParkingLot<Effects> {
  rows: Row[] = [];
  fences = new Map<string, 'parked' | 'dead'>();

  constructor(private readonly ledger: MemoryLedger) {
    ledger.onRollback = () => this.restore();
    ledger.onBegin = () => this.save();
  }

  async read(): Promise<Parked> {
    const bytes = this.rows.reduce((sum, { record }) => sum + (record.value?.length ?? 0), 0);
    return { fences: [...this.fences.keys()], records: this.queued().length, bytes };
  }

  async hold(_tx: Effects, _at: unknown, fences: readonly string[]): Promise<string[]> {
    return fences.filter((fence) => this.fences.has(fence));
  }

  async queue(_tx: Effects, records: readonly LogRecord[]): Promise<void> {
    for (const record of records) {
      if (this.rows.some((row) => row.record.offset === record.offset)) continue;
      this.rows.push({ record, fence: fenceOf(record), state: 'queued', attempts: 0 });
    }
  }

  async park(tx: Effects, record: LogRecord, reason: ParkingReason): Promise<void> {
    if (!this.fences.has(fenceOf(record))) this.fences.set(fenceOf(record), 'parked');
    await this.queue(tx, [record]);
    Object.assign(this.rowOf(record), { attempts: reason.attempts });
  }

  async bury(tx: Effects, record: LogRecord, reason: ParkingReason, fence: boolean): Promise<void> {
    if (fence && !this.fences.has(fenceOf(record))) this.fences.set(fenceOf(record), 'dead');
    await this.queue(tx, [record]);
    Object.assign(this.rowOf(record), { attempts: reason.attempts, state: 'dead' });
  }

  async drain(
    _at: unknown,
    { epoch, limit }: DrainRequest,
    effects: (tx: Effects, records: readonly ParkedRecord[]) => Promise<void>,
  ): Promise<Drained> {
    if (this.ledger.row?.epoch !== epoch) return { records: 0, released: [] };
    const due = this.queued()
      .filter(({ fence }) => this.fences.get(fence) === 'parked')
      .slice(0, limit);
    const transaction: Effects = [];
    if (due.length > 0) {
      await effects(
        transaction,
        due.map(({ record, fence, attempts }) => ({ ...record, fence, attempts })),
      );
    }
    this.ledger.effects.push(...transaction);
    this.rows = this.rows.filter((row) => !due.includes(row));
    return { records: due.length, released: this.release() };
  }

  async ensure(_tx: Effects, _at: unknown, fences: readonly string[]): Promise<void> {
    for (const fence of fences) if (!this.fences.has(fence)) this.fences.set(fence, 'parked');
  }

  async due(_at: unknown, { epoch, limit }: DrainRequest): Promise<ParkedRecord[]> {
    if (this.ledger.row?.epoch !== epoch) return [];
    return this.queued()
      .filter(({ fence }) => this.fences.get(fence) === 'parked')
      .slice(0, limit)
      .map(({ record, fence, attempts }) => ({ ...record, fence, attempts }));
  }

  async finish(records: readonly ParkedRecord[], epoch: bigint): Promise<Drained> {
    if (this.ledger.row?.epoch !== epoch) return { records: 0, released: [] };
    const offsets = records.map(({ offset }) => offset);
    this.rows = this.rows.filter(({ record }) => !offsets.includes(record.offset));
    return { records: records.length, released: this.release() };
  }

  async postpone(
    record: ParkedRecord,
    epoch: bigint,
    next: { readonly reason: ParkingReason },
  ): Promise<void> {
    if (this.ledger.row?.epoch === epoch) this.rowOf(record).attempts = next.reason.attempts;
  }

  async buryQueued(
    record: ParkedRecord,
    epoch: bigint,
    { reason, fence }: { readonly reason: ParkingReason; readonly fence: boolean },
  ): Promise<void> {
    if (this.ledger.row?.epoch !== epoch) return;
    Object.assign(this.rowOf(record), { attempts: reason.attempts, state: 'dead' });
    if (fence) this.fences.set(record.fence, 'dead');
  }

  /** What is dead goes back to its queue, and the queue is due. */
  redrive(): void {
    for (const row of this.rows) {
      if (row.state === 'dead') Object.assign(row, { state: 'queued', attempts: 0 });
      this.fences.set(row.fence, 'parked');
    }
  }

  /** A dead record is given up, and what is behind it is due. */
  discard(offset: bigint): void {
    const gone = this.rows.find((row) => row.record.offset === offset && row.state === 'dead');
    if (gone === undefined) return;
    this.rows = this.rows.filter((row) => row !== gone);
    this.fences.set(gone.fence, 'parked');
  }

  private release(): string[] {
    const released = [...this.fences]
      .filter(([fence, state]) => state === 'parked' && !this.queued().some((row) => row.fence === fence))
      .map(([fence]) => fence);
    for (const fence of released) this.fences.delete(fence);
    return released;
  }

  private saved: { rows: Row[]; fences: Map<string, 'parked' | 'dead'> } | undefined;

  private save(): void {
    this.saved = { rows: this.rows.map((row) => ({ ...row })), fences: new Map(this.fences) };
  }

  private restore(): void {
    if (this.saved !== undefined) Object.assign(this, this.saved);
  }

  private queued(): Row[] {
    return this.rows
      .filter(({ state }) => state === 'queued')
      .toSorted((a, b) => Number(a.record.offset - b.record.offset));
  }

  private rowOf(record: LogRecord): Row {
    const row = this.rows.find((each) => each.record.offset === record.offset);
    if (row === undefined) throw new Error(`no parked record at ${record.offset}`);
    return row;
  }
}
