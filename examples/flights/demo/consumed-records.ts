import { setTimeout as sleep } from 'node:timers/promises';

interface Groups {
  readonly groups: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly nextOffset: string; readonly lag: string }[];
  }[];
}

/** How many records a group has done since its topics began, and how many it still has before it. */
export async function readGroup(
  consumerUrl: string,
  group: string,
  signal: AbortSignal,
): Promise<{ done: bigint; lag: bigint }> {
  const response = await fetch(`${consumerUrl}/v1/groups`, { signal });
  if (!response.ok) throw new Error(`The consumer answered ${response.status}: ${await response.text()}`);
  const { groups } = (await response.json()) as Groups;
  const partitions = groups.find(({ name }) => name === group)?.partitions ?? [];
  return {
    done: partitions.reduce((sum, { nextOffset }) => sum + BigInt(nextOffset), 0n),
    lag: partitions.reduce((sum, { lag }) => sum + BigInt(lag), 0n),
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
