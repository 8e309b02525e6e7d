import type { Fingerprint } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { LivePosition, PartitionExtent, TopicFacts } from './rebuild-facts';
import type { Refusal } from './refusal';

const REMEDY =
  'Check that KAFKA_BROKERS names the cluster that the live read model was built from. If the topic was deleted and ' +
  'made again, its former records are not in this log: bring them together with the new ones in another topic, from a ' +
  'backup, and let a new version of the projection read that one. To begin anew with what the log holds now, give the ' +
  'projection another name.';

const LOOK_AGAIN = 'Ask again when Kafka answers: the record could not be read for the comparison.';

/**
 * Whether this is the topic that the live read model was built from. A topic that was made again under its name
 * has offsets from zero and lacks everything from before: a rebuild would be complete in its own eyes.
 */
export function checkTopicIdentity(topic: TopicFacts, live: readonly LivePosition[]): Refusal[] {
  return live.flatMap((position): Refusal[] => {
    const extent = topic.partitions[position.partition];
    // A partition that is gone is a matter of the partition count.
    if (extent === undefined) return [];
    const found = compare(position, extent, topic.cleanupPolicy.includes('compact'));
    return found === undefined
      ? []
      : [{ check: 'topic-identity', where: formatTopicPartition(position), ...found }];
  });
}

function compare(
  { nextOffset, last, found }: LivePosition,
  { start, end }: PartitionExtent,
  isCompacted: boolean,
): { readonly reason: string; readonly remedy: string } | undefined {
  if (nextOffset > end) {
    return {
      reason:
        `the live read model stands at offset ${nextOffset}, and the log ends at ${end}: the topic was made again, ` +
        'or this is another cluster',
      remedy: REMEDY,
    };
  }
  const lastOffset = nextOffset - 1n;
  // What the log does not reach back to, or was never an event, proves nothing for or against.
  if (last === undefined || lastOffset < start) return undefined;
  if (found === undefined) {
    const reason = `whether the record at offset ${lastOffset} is the one that was done last is not known`;
    return { reason, remedy: LOOK_AGAIN };
  }
  if (found === 'nothing') {
    // Compaction takes single records; what is left of the log is the same log.
    if (isCompacted) return undefined;
    const reason =
      `the live read model last did ${describe(last)} at offset ${lastOffset}, and the log has nothing there although ` +
      `it holds the offsets from ${start} to ${end}: the topic was made again, or this is another cluster`;
    return { reason, remedy: REMEDY };
  }
  if (found.timestampMs === last.timestampMs && found.identity === last.identity) return undefined;
  return {
    reason:
      `the live read model last did ${describe(last)} at offset ${lastOffset}, and the log has ${describe(found)} ` +
      'there: the topic was made again, or this is another cluster',
    remedy: REMEDY,
  };
}

function describe({ identity, timestampMs }: Fingerprint): string {
  const [source = '', id] = identity.split('\n');
  const event = id === undefined ? 'a record that is no event' : `event ${id} of ${source}`;
  return `${event}, written at ${timestampMs} ms`;
}
