import type { Definition, ProjectionDetails } from '../replay/answers';
import { commandLine, moment } from '../replay/wording';
import { describeKeys } from './describe-difference';
import { buildLines, standstills, underWay, verifiedText } from './tables';

/** One projection: what it is, its builds, what is under way, and what the last verification has found. */
export function describeProjection(projection: ProjectionDetails, nowMs: number): string[] {
  const { name, liveVersion, liveBuild, definition, versions } = projection;
  const served =
    liveVersion === null
      ? `${name} has no live build`
      : `${name} is served from version ${liveVersion}, build ${liveBuild}`;
  const hosted = versions.map(({ version, hostedNow }) => `${version}${hostedNow ? '' : ' (not now)'}`);
  return [
    served,
    ...(definition === null ? [] : describeDefinition(definition)),
    `  hosted     versions ${hosted.join(', ')}`,
    ...projection.builds.flatMap(buildLines),
    ...standstills(projection),
    ...underWay(projection),
    ...describeVerification(projection, nowMs),
  ];
}

function describeDefinition(definition: Definition): string[] {
  const { kind, keyName, topics, columns, indexes, queryable, tombstones, latestWins } = definition;
  const columnTexts = columns.map(({ name, type, merge }) => [name, type, merge].filter(Boolean).join(' '));
  const listed = (values: readonly string[]) => values.join(', ') || 'none';
  return [
    `  ${kind.padEnd(10)} of ${topics.join(', ')}, by ${keyName}${latestWins ? ', the latest event wins' : ''}`,
    `  columns    ${listed(columnTexts)}`,
    `  indexes    ${listed(indexes.map((index) => index.join(' + ')))}`,
    `  queryable  ${listed(queryable)}`,
    `  folds      ${listed(definition.foldedTypes)}`,
    `  ignores    ${listed(definition.ignoredTypes)}`,
    `  tombstones ${tombstones === undefined ? 'not expected: one halts its partition' : `are to ${tombstones}`}`,
  ];
}

function describeVerification({ name, lastVerification }: ProjectionDetails, nowMs: number): string[] {
  const how = commandLine(`projections verify ${name} --watch`);
  if (lastVerification === null || lastVerification === undefined) {
    return [`never verified; to do so: ${how}`];
  }
  const { replay, at, version, build, differing } = lastVerification;
  return [
    `last verified by replay ${replay}: ${verifiedText(lastVerification, nowMs)} (${moment(at)}, version ${version}, build ${build})`,
    ...(lastVerification.equal || differing === undefined
      ? []
      : describeKeys(differing, { other: 'in the log' })),
  ];
}
