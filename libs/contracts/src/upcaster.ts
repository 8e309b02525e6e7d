/** Which fields tell the versions of an event's schema apart; by their names at the top of the record. */
export interface FieldMarks {
  /** All of these are there. Default: none needs to be. */
  readonly has?: readonly string[];
  /** None of these is there. Default: any may be. */
  readonly lacks?: readonly string[];
}

/**
 * Turns what an older version of an event says into what the next one would have said, for what Avro's resolution cannot: a field
 * that was split, a unit that changed, a name without an alias. Pure: it reads nothing but its argument, and gives the same again.
 */
export interface Upcaster {
  /** Names it in errors; unique within its event type. */
  readonly name: string;
  /** The event type's full name, such as `flights.FlightLanded`. */
  readonly event: string;
  readonly writtenWith: FieldMarks;
  /** `old` holds every field of the version, in the platform's native values (ADR 4). Gives those of the version after it. */
  upcast(old: Readonly<Record<string, unknown>>): object;
}

/** An upcaster whose author says what the older version held; nothing checks `Old`, the record is of another time. */
export function defineUpcaster<Old extends object>(
  upcaster: Omit<Upcaster, 'upcast'> & { readonly upcast: (old: Readonly<Old>) => object },
): Upcaster {
  const { upcast } = upcaster;
  return { ...upcaster, upcast: (old) => upcast(old as Readonly<Old>) };
}

/** Whether a version with these fields is the one that the upcaster is for. */
export function isWrittenWith({ has = [], lacks = [] }: FieldMarks, fields: ReadonlySet<string>): boolean {
  return has.every((name) => fields.has(name)) && !lacks.some((name) => fields.has(name));
}
