import { foundCopy, isMovedCopy } from '../position-copy';
import type { CopyNotes, PositionCopy } from '../position-copy';

/** What can happen to a group's position in one partition and to its copy in Kafka. */
export type CopyEvent =
  | { readonly kind: 'open' | 'open-before-marks' | 'die' | 'expire' | 'restore' | 'late-copy' }
  | { readonly kind: 'work'; readonly records: number }
  | { readonly kind: 'copy'; readonly fate: 'lost' | 'acknowledged' | 'noted' }
  | { readonly kind: 'tool'; readonly offset: number }
  | { readonly kind: 'decide'; readonly how: 'adopt' | 'reject' };

/**
 * Kafka's committed offset, the stored row, and at most one owner, as the platform keeps them; and beside that what is
 * true, which no process knows: whether somebody else has moved the offset since it was ours, or decided about.
 */
export class CopyWorld {
  copy: PositionCopy = { offset: -1n, isOurs: false };
  row: CopyNotes | undefined;
  /** True after a tool set another offset than there was, than the position, and than what stood there before ours. */
  isMoved = false;
  /** An owner of this version holds the partition and has not been stopped by what it found. */
  private owner: 'none' | 'marking' | 'before-marks' = 'none';
  private baseline: bigint | undefined;
  /** A copy took the baseline's place, and the owner died before it could note that: the one window that is left open. */
  private isUnnoted = false;
  private backup: CopyNotes | undefined;

  /** What an owner that opens now is told. */
  get isHalted(): boolean {
    return isMovedCopy(this.copy, this.row);
  }

  /** @returns false when it cannot happen now. */
  apply(event: CopyEvent): boolean {
    switch (event.kind) {
      case 'open':
        return this.owner === 'none' && !this.isHalted && this.take();
      case 'open-before-marks':
        // It follows the stored position, whatever Kafka has, and its copies have no mark.
        if (this.owner !== 'none' || this.row === undefined) return false;
        this.row = { ...this.row, epoch: this.row.epoch + 1n };
        [this.owner, this.isMoved, this.baseline, this.backup] = [
          'before-marks',
          false,
          undefined,
          undefined,
        ];
        return true;
      case 'die':
        this.owner = 'none';
        return true;
      case 'work':
        if (this.owner === 'none' || this.row === undefined) return false;
        if (this.owner === 'marking') this.backup ??= this.row;
        this.row = { ...this.row, nextOffset: this.row.nextOffset + BigInt(event.records) };
        return true;
      case 'copy':
        return this.write(event.fate);
      case 'late-copy':
        // Of this group's present generation, and of an earlier position.
        if (this.owner !== 'marking' || this.row === undefined) return false;
        this.copy = { offset: this.row.nextOffset / 2n, isOurs: true };
        this.isUnnoted = this.baseline !== undefined;
        return true;
      case 'expire':
        if (this.owner !== 'none') return false;
        [this.copy, this.isMoved] = [{ offset: -1n, isOurs: false }, false];
        return true;
      case 'restore':
        // Only what is ours: with a copy of somebody else's in Kafka it is right to ask.
        if (this.owner !== 'none' || this.backup === undefined || !this.copy.isOurs) return false;
        [this.row, this.baseline, this.isUnnoted] = [this.backup, this.backup.knownCopy, true];
        return true;
      case 'tool':
        return this.move(BigInt(event.offset));
      case 'decide':
        return this.isHalted && this.decide(event.how);
    }
  }

  private take(): boolean {
    const { nextOffset, epoch, copyOffset } = this.row ?? { nextOffset: 0n, epoch: 0n };
    const found = foundCopy(this.copy);
    this.row = notesOf({ nextOffset, epoch: epoch + 1n, copyOffset, knownCopy: found });
    [this.owner, this.isMoved, this.baseline, this.isUnnoted] = ['marking', false, found, false];
    return true;
  }

  private write(fate: 'lost' | 'acknowledged' | 'noted'): boolean {
    const { row } = this;
    if (this.owner === 'none' || row === undefined) return false;
    if (fate === 'lost') return true;
    this.copy = { offset: row.nextOffset, isOurs: this.owner === 'marking' };
    if (!this.copy.isOurs) return true;
    if (fate === 'noted') this.row = notesOf({ ...row, copyOffset: row.nextOffset, knownCopy: undefined });
    [this.baseline, this.isUnnoted] =
      fate === 'noted' ? [undefined, false] : [this.baseline, this.baseline !== undefined];
    return true;
  }

  /** Kafka refuses it while the group has a member. */
  private move(offset: bigint): boolean {
    if (this.owner !== 'none' || (this.isUnnoted && offset === this.baseline)) return false;
    const wasSame = !this.isMoved && !this.copy.isOurs && offset === this.copy.offset;
    this.copy = { offset, isOurs: false };
    const { row, baseline } = this;
    const isWatched = row !== undefined && row.copyEpoch === row.epoch;
    this.isMoved = isWatched && !wasSame && offset !== row.nextOffset && offset !== baseline;
    return true;
  }

  private decide(how: 'adopt' | 'reject'): boolean {
    const { row, copy } = this;
    if (row === undefined) return false;
    const nextOffset = how === 'adopt' ? copy.offset : row.nextOffset;
    this.row = notesOf({ ...row, nextOffset, epoch: row.epoch + 1n, knownCopy: copy.offset });
    [this.isMoved, this.baseline, this.isUnnoted] = [false, copy.offset, false];
    return true;
  }
}

/** As an owner of this version, or a decision, leaves it behind. */
function notesOf(notes: {
  readonly nextOffset: bigint;
  readonly epoch: bigint;
  readonly copyOffset?: bigint | undefined;
  readonly knownCopy?: bigint | undefined;
}): CopyNotes {
  const { nextOffset, epoch, copyOffset, knownCopy } = notes;
  return {
    nextOffset,
    epoch,
    copyEpoch: epoch,
    ...(copyOffset === undefined ? {} : { copyOffset }),
    ...(knownCopy === undefined ? {} : { knownCopy }),
  };
}
