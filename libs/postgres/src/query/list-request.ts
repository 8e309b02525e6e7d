import type { Filter, ListOrder } from '@millrace/projecting';

/** One page of a list. */
export interface ListRequest {
  /** At most so many rows. */
  readonly limit: number;
  /** All of them have to hold. Default: every row. */
  readonly filters?: readonly Filter[];
  /** What `listOrder` gave for these filters. Default: by key. */
  readonly order?: ListOrder;
  /** Only rows behind this one: its values of the order's columns, as `ReadRows.next` gave them. */
  readonly after?: OrderValues;
}

/** Values of the order's columns in PostgreSQL's text form, which loses nothing. */
export type OrderValues = readonly (string | null)[];
