import type { BreakerState } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import { PartitionMeter } from './partition-meter';

/** What this process has counted in one group since it began, in every partition that it has held. */
export class GroupMeter {
  private readonly meters = new Map<
    string,
    { readonly at: TopicPartition; readonly meter: PartitionMeter }
  >();
  /** By the name of the dependency. */
  readonly breakers = new Map<string, BreakerState>();

  constructor(private readonly nowMs: () => number = Date.now) {}

  /** The meter of one partition: the same one for every assignment of it. */
  partition(at: TopicPartition): PartitionMeter {
    const name = formatTopicPartition(at);
    const known = this.meters.get(name);
    if (known !== undefined) return known.meter;
    const meter = new PartitionMeter(this.nowMs);
    this.meters.set(name, { at, meter });
    return meter;
  }

  /** The breaker of a dependency is in this state now. */
  breakerChanged(dependency: string, state: BreakerState): void {
    this.breakers.set(dependency, state);
  }

  get partitions(): readonly { readonly at: TopicPartition; readonly meter: PartitionMeter }[] {
    return [...this.meters.values()];
  }
}
