/**
 * The rows that may be published now, from those that are visible behind a number, in order. A number that is missing
 * belongs to a transaction that has not ended, or was rolled back: nothing behind it may be passed on, until it is known to
 * be settled. Where none is missing, no other transaction can come in between, however long it runs.
 */
export function publishable<Row extends { readonly number: bigint }>(
  rows: readonly Row[],
  { after, settledTo }: { readonly after: bigint; readonly settledTo: bigint },
): readonly Row[] {
  let last = after;
  for (const [index, { number }] of rows.entries()) {
    if (number !== last + 1n && number - 1n > settledTo) return rows.slice(0, index);
    last = number;
  }
  return rows;
}
