import type { SubjectReport } from '@millrace/schema-registry';
import type { SchemaCheck } from './check-schemas';

/** A check in lines for a person. */
export function describeCheck({ against, subjects, notes }: SchemaCheck): string[] {
  const target =
    against.kind === 'git'
      ? `${against.ref} (commit ${against.commit.slice(0, 8)})`
      : `the registry ${against.url}`;
  const bad = subjects.filter(({ status }) => status === 'incompatible').length;
  return [
    `schemas/ against ${target}`,
    ...subjects.flatMap(describeSubject),
    ...notes.map((note) => `note: ${note}`),
    bad === 0
      ? 'compatible'
      : `${bad} of ${subjects.length} subjects ${bad === 1 ? 'is' : 'are'} not compatible`,
  ];
}

function describeSubject(report: SubjectReport): string[] {
  const { subject, level, status, compared, broken } = report;
  const mark = status === 'incompatible' ? '✗' : '✓';
  const beside = compared.length === 0 ? '' : `, compared with ${shortened(compared)}`;
  return [
    `${mark} ${subject}: ${status} (${level}${beside})`,
    ...broken.flatMap(({ rule, direction, version, path, message, advice }) => [
      `    ${rule}, ${direction} with ${version}${path === '' ? '' : `, at ${path}`}`,
      `      ${message}`,
      `      instead: ${advice}`,
    ]),
  ];
}

function shortened(labels: readonly string[]): string {
  return labels.length <= 3
    ? labels.join(', ')
    : `${labels[0] ?? ''} to ${labels.at(-1) ?? ''} (${labels.length})`;
}
