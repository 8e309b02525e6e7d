import type { Circumstances, ShownBuild } from '../evidence';
import type { Findings } from '../findings';

/**
 * Whenever it was looked, the view of each read model showed the build that was live, and what it showed had never been
 * read less far than before. Missing: that nothing was looked at; extra: what was seen instead, each once for each build.
 */
export function shownIsLive({ shown }: Pick<Circumstances, 'shown'>): Findings {
  const models = [...Map.groupBy(shown, ({ model }) => model).values()];
  const wrong = shown.filter((each) => each.shown !== each.live).map(describeWrong);
  return {
    invariant: 'shown-is-live',
    missing: shown.length === 0 ? ['any sample of what readers are shown'] : [],
    extra: [...new Set(wrong), ...models.flatMap(stepsBack)],
  };
}

function describeWrong({ model, shown, live }: ShownBuild): string {
  return `${model}: readers were shown ${shown} while ${live} was live`;
}

function stepsBack(samples: readonly ShownBuild[]): string[] {
  const furthest = new Map<number, bigint>();
  return samples.flatMap(({ model, live, nextOffsets }) =>
    nextOffsets.flatMap(([partition, next]) => {
      const before = furthest.get(partition) ?? 0n;
      if (next > before) furthest.set(partition, next);
      return next < before
        ? [`${model}: ${live} went back in partition ${partition} from ${before} to ${next}`]
        : [];
    }),
  );
}
