import type { BreakerState } from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';
import { ParkedRecords } from '@millrace/postgres';
import type { ParkedCounts } from '@millrace/postgres';
import type { PartitionReport, ReaderReport } from '@millrace/reading';
import type { GroupServer } from './group-server';
import type { GroupMeter } from './metrics/group-meter';

/** One partition, whoever reads it. `null` is what this process does not know. */
export interface GroupPartition extends PartitionReport {
  /** See PartitionMeter; known only of a partition that this process holds, and of one where nothing is left. */
  readonly lagSeconds: number | null;
  /** Over the last minute, by this process. */
  readonly recordsPerSecond: number | null;
  /** Keys whose records wait in queues, these records, the dead letters that are kept, and how long ago the oldest failed. */
  readonly parked: {
    readonly keys: number;
    readonly records: number;
    readonly dead: number;
    readonly oldestDeadSeconds: number | null;
  };
}

export interface GroupReport extends Omit<ReaderReport, 'partitions'> {
  readonly name: string;
  /** As the group declares it. */
  readonly kind: 'transactional' | 'external';
  /** How far behind it may be, in seconds; `null` where the group says nothing. */
  readonly lagObjectiveSeconds: number | null;
  /** Whether its handlers may be given records again by a replay. */
  readonly replaySafe: boolean;
  readonly partitions: readonly GroupPartition[];
  /** Of this process, by dependency. */
  readonly breakers: Readonly<Record<string, BreakerState>>;
}

/** How the groups that a process hosts are doing: positions and what is parked of all members, states of this one. */
export class GroupReports {
  constructor(private readonly server: GroupServer) {}

  list(): Promise<GroupReport[]> {
    return Promise.all([...this.server.meters.keys()].map((name) => this.read(name)));
  }

  /** @throws GroupNotFoundError, KafkaUnavailableError, DatabaseUnavailableError */
  async read(name: string): Promise<GroupReport> {
    const { group, meter, reader: positions } = this.server.find(name);
    const { kind, lagObjectiveSeconds = null, replaySafe } = group;
    const declared = { name, kind, lagObjectiveSeconds, replaySafe };
    const breakers = Object.fromEntries(meter.breakers);
    const reader = this.server.running.get(name);
    if (reader === undefined) return { ...declared, state: 'starting', partitions: [], breakers };
    const report = await reader.report();
    const parked = await new ParkedRecords(this.server.options.servers.database, positions).counts();
    const partitions = report.partitions.map((at) => ({
      ...at,
      ...measured(meter, at),
      parked: countsOf(parked, at),
    }));
    return { ...declared, ...report, partitions, breakers };
  }
}

function measured(
  meter: GroupMeter,
  at: PartitionReport,
): Pick<GroupPartition, 'lagSeconds' | 'recordsPerSecond'> {
  const [nextOffset, logEnd] = [BigInt(at.nextOffset), BigInt(at.logEnd)];
  const here = at.state === 'elsewhere' ? undefined : meter.partition(at);
  return {
    lagSeconds: here?.lagSeconds({ nextOffset, logEnd }) ?? (nextOffset >= logEnd ? 0 : null),
    recordsPerSecond: here?.recordsPerSecond() ?? null,
  };
}

function countsOf(parked: readonly ParkedCounts[], at: TopicPartition): GroupPartition['parked'] {
  const found = parked.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
  return {
    ...{ keys: found?.keys ?? 0, records: found?.queued ?? 0, dead: found?.dead ?? 0 },
    oldestDeadSeconds: found?.oldestDeadSeconds ?? null,
  };
}
