import type { Logger } from '@millrace/contracts';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { ExpectedMove, GroupReaderStatus, LogEnd, LogEnds, PartitionStatus } from '@millrace/kafka';

/** A reader whose partitions are watched. */
export interface WatchedReader {
  /** Names its positions, such as `group/delay-alerts`. */
  readonly reader: string;
  readonly status: GroupReaderStatus;
  /** How long nothing may be done in a partition while its log goes on. */
  readonly stallAfterMs: number;
}

export interface StallWatchdogOptions {
  readonly ends: Pick<LogEnds, 'read'>;
  /** How often it looks. */
  readonly everyMs: number;
  readonly log: Logger;
}

/** A partition that its reader holds, and where it was seen. */
interface Watch {
  readonly watched: WatchedReader;
  progress: string | undefined;
  /** When it was seen first that the log goes on behind what is done, with nothing done since. */
  behindSince: number | undefined;
  isStalled: boolean;
}

interface Suspect {
  readonly watch: Watch;
  readonly status: PartitionStatus;
  readonly expected: ExpectedMove;
}

/**
 * Notices a partition in which nothing is done although its log goes on, while neither its state nor its reason says why: a
 * handler that never comes back, a commit that always fails, a fetch that has died without a word. One watchdog serves all
 * readers of a process. It asks Kafka where logs end in one go, at most once a look, and only for partitions where nothing was
 * done since the look before and whose end nobody has noted meanwhile.
 */
export class StallWatchdog {
  private readonly watches = new Map<string, Watch>();
  private readonly readers = new Set<WatchedReader>();
  private readonly ends = new Map<string, { readonly end: bigint; readonly readAt: number }>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(private readonly options: StallWatchdogOptions) {}

  watch(reader: WatchedReader): void {
    this.readers.add(reader);
    this.timer ??= setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, this.options.everyMs).unref();
  }

  leave(reader: WatchedReader): void {
    this.readers.delete(reader);
    for (const [name, { watched }] of this.watches) if (watched === reader) this.watches.delete(name);
    if (this.readers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Where logs ended just now, as somebody has read it for a reason of his own. */
  note(ends: readonly LogEnd[]): void {
    for (const { end, ...at } of ends)
      this.ends.set(formatTopicPartition(at), { end, readAt: performance.now() });
  }

  /** Why a partition is stalled, in words, as it stands now; undefined when it is not. */
  reasonOf(reader: WatchedReader, status: PartitionStatus): string | undefined {
    const watch = this.watches.get(nameOf(reader, status));
    const { expected } = status;
    if (watch?.isStalled !== true || expected === undefined || isDone(watch, expected)) return undefined;
    return reasonFor({ watch, status, expected }, this.ends.get(formatTopicPartition(status))?.end);
  }

  private async look(): Promise<void> {
    const suspects = [...this.readers].flatMap((reader) => this.suspectsOf(reader));
    const now = performance.now();
    const unknown = suspects.filter(({ status }) => {
      const known = this.ends.get(formatTopicPartition(status));
      return known === undefined || now - known.readAt >= this.options.everyMs;
    });
    try {
      if (unknown.length > 0) this.note(await this.options.ends.read(distinct(unknown)));
    } catch (error) {
      // Whether the logs go on nobody knows; health says that Kafka does not answer.
      this.options.log.debug({ error: String(error) }, 'the ends of the logs could not be read');
      return;
    }
    for (const suspect of suspects) this.judge(suspect, now);
  }

  /** Those in which nothing was done since the look before. */
  private suspectsOf(watched: WatchedReader): Suspect[] {
    const { state, partitions } = watched.status;
    // Health says so, and a member that joins again and again does not begin anew each time.
    if (state !== 'joined') return [];
    const held = new Map(partitions.map((status) => [nameOf(watched, status), status]));
    for (const [name, watch] of this.watches) {
      if (watch.watched === watched && held.get(name)?.expected === undefined) this.watches.delete(name);
    }
    return [...held].flatMap(([name, status]) => {
      const { expected } = status;
      if (expected === undefined) return [];
      const watch = this.watches.get(name);
      if (watch !== undefined && !isDone(watch, expected)) return [{ watch, status, expected }];
      if (watch?.isStalled === true)
        this.options.log.info(fieldsOf(watched, status), 'a stalled partition goes on');
      this.watches.set(name, {
        ...{ watched, progress: expected.progress, behindSince: undefined, isStalled: false },
      });
      return [];
    });
  }

  private judge(suspect: Suspect, now: number): void {
    const { watch, status, expected } = suspect;
    const end = this.ends.get(formatTopicPartition(status))?.end ?? 0n;
    if (end <= (expected.from ?? 0n)) {
      watch.behindSince = undefined;
      watch.isStalled = false;
      return;
    }
    watch.behindSince ??= now;
    if (watch.isStalled || now - watch.behindSince < watch.watched.stallAfterMs) return;
    watch.isStalled = true;
    const reason = reasonFor(suspect, end);
    this.options.log.warn({ ...fieldsOf(watch.watched, status), reason }, 'partition stalled');
  }
}

/** Whether anything was done since. One that is being opened is where it was. */
function isDone({ progress }: Watch, expected: ExpectedMove): boolean {
  return expected.progress !== undefined && expected.progress !== progress;
}

function reasonFor({ watch, status, expected }: Suspect, end: bigint | undefined): string {
  const { watched, behindSince = performance.now() } = watch;
  const seconds = Math.round((performance.now() - behindSince) / 1_000);
  const place = `${watched.reader} at ${formatTopicPartition(status)}`;
  const what =
    status.nextOffset === undefined
      ? `${place} has not been opened`
      : `${place}/${status.nextOffset} has not moved`;
  return `${what} for ${seconds} s while the log goes on to ${end}: ${expected.otherwise}`;
}

function fieldsOf({ reader }: WatchedReader, { topic, partition, nextOffset }: PartitionStatus): object {
  return { reader, topic, partition, ...(nextOffset === undefined ? {} : { offset: String(nextOffset) }) };
}

function distinct(suspects: readonly Suspect[]): TopicPartition[] {
  const places = suspects.map(({ status: { topic, partition } }) => ({ topic, partition }));
  return [...new Map(places.map((at) => [formatTopicPartition(at), at])).values()];
}

function nameOf({ reader }: WatchedReader, at: TopicPartition): string {
  return `${reader} ${formatTopicPartition(at)}`;
}
