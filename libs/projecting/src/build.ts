/** One set of tables of a projection: folded from the log by one version of its code. Numbered from 1, never again. */
export interface ProjectionBuild {
  readonly projection: string;
  readonly version: number;
  readonly build: number;
}

/** `projection/<name>@<version>`, with `.<build>` from the second build on: names the build's positions. */
export function readerOf({ projection, version, build }: ProjectionBuild): string {
  return `projection/${projection}@${version}${build === 1 ? '' : `.${build}`}`;
}

/** The Kafka consumer group that shares a build's partitions among processes. */
export function groupOf({ projection, version, build }: ProjectionBuild): string {
  return `${projection}-v${version}${build === 1 ? '' : `-b${build}`}`;
}
