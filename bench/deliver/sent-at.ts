/** The header that says when the record was handed to the producer; as an extension attribute of CloudEvents, `benchsentat`. */
export const SENT_AT = 'ce_benchsentat';
export const SENT_AT_EXTENSION = 'benchsentat';

/** Now, the same in all processes of this machine: milliseconds since 1970, and parts of them. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
