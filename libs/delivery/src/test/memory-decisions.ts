import type { FoldDecisions, FoldHalt } from '../folding/fold-decisions';
import type { MemoryLedger } from './memory-ledger';
import type { MemoryLot } from './memory-lot';

/** What people decide of events that cannot be folded, in memory, and what they can see. */
export class MemoryDecisions implements FoldDecisions {
  readonly skips = new Set<bigint>();
  halted: FoldHalt | undefined;
  private wishes = 0;

  constructor(
    private readonly ledger: MemoryLedger,
    private readonly lot: MemoryLot,
  ) {}

  /** Somebody wants everything tried again. */
  retry(): void {
    this.lot.redrive();
    if (this.isHalted) this.wishes += 1;
  }

  /** Somebody wants to go on without this event. */
  skip(offset: bigint): void {
    this.skips.add(offset);
  }

  /** A halt means something until the position has passed it. */
  get isHalted(): boolean {
    return this.halted !== undefined && (this.ledger.row?.nextOffset ?? 0n) <= this.halted.offset;
  }

  async skipped(): Promise<ReadonlySet<bigint>> {
    return new Set(this.skips);
  }

  async noteHalt(_at: unknown, epoch: bigint, halt: FoldHalt): Promise<void> {
    if (this.ledger.row?.epoch === epoch) this.halted = halt;
  }

  async isReleased(): Promise<boolean> {
    if (this.halted !== undefined && this.skips.has(this.halted.offset)) return true;
    if (this.wishes === 0) return false;
    this.wishes = 0;
    return true;
  }

  async dropSkipped(): Promise<void> {
    for (const offset of this.skips) this.lot.discard(offset);
  }
}
