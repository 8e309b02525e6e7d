import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { SourceFile, SourceProblem } from './source-problem';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const retention = z.unknown().transform((written, context): number | 'unlimited' => {
  if (written === 'unlimited') return written;
  const ms = durationMs(written);
  if (ms !== undefined) return ms;
  context.addIssue('expected `unlimited` or a duration with its unit (ms, s, m, h, d or w), such as 7d');
  return z.NEVER;
});

/** Below it a crash could not be settled within the window; above it the reservations would never go. */
const windowBounds = { from: unitMs.m, to: 366 * unitMs.d };

const window = z.unknown().transform((written, context): number => {
  const ms = durationMs(written);
  if (ms !== undefined && ms >= windowBounds.from && ms <= windowBounds.to) return ms;
  context.addIssue('expected a duration from 1m to 366d with its unit (ms, s, m, h, d or w), such as 24h');
  return z.NEVER;
});

function durationMs(written: unknown): number | undefined {
  const parts = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(typeof written === 'string' ? written : '');
  return parts === null ? undefined : Number(parts[1]) * unitMs[parts[2] as keyof typeof unitMs];
}

const topic = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/,
      'expected a Kafka topic name: letters, digits, `.`, `_` and `-`',
    ),
  description: z.string().trim().min(1),
  owner: z.string().trim().min(1),
  partitions: z.int().min(1),
  replication: z
    .strictObject({ factor: z.int().min(1), minInSync: z.int().min(1) })
    .refine(({ factor, minInSync }) => minInSync <= factor, 'minInSync cannot be larger than factor'),
  retention,
  cleanup: z.enum(['delete', 'compact', 'compact,delete']),
  key: z.string().min(1).optional(),
  compatibility: z
    .enum([
      'NONE',
      'BACKWARD',
      'BACKWARD_TRANSITIVE',
      'FORWARD',
      'FORWARD_TRANSITIVE',
      'FULL',
      'FULL_TRANSITIVE',
    ])
    .default('FULL_TRANSITIVE'),
  idempotency: z.strictObject({ window }).optional(),
  events: z.array(z.string().min(1)).min(1),
});

const checkedTopic = topic.refine(
  ({ idempotency, cleanup }) => idempotency === undefined || cleanup === 'delete',
  {
    path: ['idempotency'],
    message:
      'needs `cleanup: delete`: what a crash left open is settled by reading the log, and compaction may have taken the record',
  },
);

const topicsFile = z.strictObject({ topics: z.array(checkedTopic) });

/** One topic as topics.yaml declares it; event names are still as written, short or full. */
export type DeclaredTopic = z.infer<typeof topic>;

/** Reads a topics.yaml; every problem names its place in the file. */
export function parseTopicsFile(file: SourceFile): { topics: DeclaredTopic[]; problems: SourceProblem[] } {
  const document = parseDocument(file.text, { prettyErrors: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file: file.path,
      at: '',
      message: error.message.trim(),
    }));
    return { topics: [], problems };
  }
  const parsed = topicsFile.safeParse(document.toJS() ?? {});
  if (parsed.success) return { topics: parsed.data.topics, problems: [] };
  const problems = parsed.error.issues.map((issue) => ({
    file: file.path,
    at: formatPath(issue.path),
    message: issue.message,
  }));
  return { topics: [], problems };
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
