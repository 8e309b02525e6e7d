/** One thing that is wrong with a payload. Says where and of which type, never the value itself. */
export interface PayloadProblem {
  /** JSON pointer (RFC 6901) to the part in question; empty for the whole payload. */
  readonly path: string;
  readonly expected: string;
  /** What was there: a JSON type, or `nothing`. */
  readonly got: string;
}

/** How many problems of one payload are collected; whoever fixes these sees the rest the next time. */
export const maxProblems = 20;

const maxSegmentLength = 60;

/** RFC 6901; a segment from the payload itself is cut when it is long. */
export function toPointer(path: readonly (string | number)[]): string {
  return path.map((segment) => `/${toSegment(String(segment))}`).join('');
}

function toSegment(segment: string): string {
  const short = segment.length > maxSegmentLength ? `${segment.slice(0, maxSegmentLength)}…` : segment;
  return short.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The type of a value in words; its content stays out of messages and logs. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'number':
      return describeNumber(value);
    case 'bigint':
      return 'integer beyond 2^53';
    case 'string':
      return value === '' ? 'empty string' : 'string';
    case 'object':
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid Date' : 'Date';
      return value instanceof Uint8Array ? `${value.length} bytes` : 'object';
    default:
      return typeof value;
  }
}

function describeNumber(value: number): string {
  if (!Number.isFinite(value)) return 'NaN or Infinity';
  if (!Number.isInteger(value)) return 'number with decimals';
  return Number.isSafeInteger(value) ? 'integer' : 'integer beyond 2^53 that has lost digits';
}
