import { setTimeout as sleep } from 'node:timers/promises';

interface Groups {
  readonly groups: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly nextOffset: string;
      readonly logEnd: string;
      readonly lag: string;
    }[];
  }[];
}

export interface GroupProgress {
  /** Records done since the group's topics began. */
  readonly done: bigint;
  /** Records still before it. */
  readonly lag: bigint;
  /** The position of the last record in each partition that has one. */
  readonly ends: readonly string[];
}

/** How far a group is, as the consumer service tells it. */
export async function readGroup(
  consumerUrl: string,
  group: string,
  signal: AbortSignal,
): Promise<GroupProgress> {
  const response = await fetch(`${consumerUrl}/v1/groups`, { signal });
  if (!response.ok) throw new Error(`The consumer answered ${response.status}: ${await response.text()}`);
  const { groups } = (await response.json()) as Groups;
  const partitions = groups.find(({ name }) => name === group)?.partitions ?? [];
  return {
    done: partitions.reduce((sum, { nextOffset }) => sum + BigInt(nextOffset), 0n),
    lag: partitions.reduce((sum, { lag }) => sum + BigInt(lag), 0n),
    ends: partitions
      .filter(({ logEnd }) => BigInt(logEnd) > 0n)
      .map(({ topic, partition, logEnd }) => `${topic}/${partition}/${BigInt(logEnd) - 1n}`),
  };
}

/** Waits until the group has nothing before it, and gives what it has done. */
export async function waitUntilConsumed(
  consumerUrl: string,
  group: string,
  signal: AbortSignal,
): Promise<bigint> {
  for (;;) {
    const { done, lag } = await readGroup(consumerUrl, group, signal);
    if (lag === 0n) return done;
    await sleep(100, undefined, { signal });
  }
}
