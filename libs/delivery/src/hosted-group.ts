import type { ConsumerGroup } from './consumer-group';

/** What the folder of a consumer group exports as `hosted`, for the consumer service to run. */
export interface HostedGroup {
  readonly group: ConsumerGroup;
  /** Nest controllers; each declared event has one method with `@EventPattern(group.on(…))`. */
  readonly controllers: readonly (new (...dependencies: never[]) => object)[];
  /** Nest providers that the controllers inject. */
  readonly providers?: readonly object[];
  /** The group's own tables: `NNNN_name.sql` files, applied to the schema before the group starts. */
  readonly migrations?: { readonly directory: URL; readonly schema: string };
}
