/** Which of two schemas reads what the other wrote: backward is the new one reading an earlier version. */
export type Direction = 'backward' | 'forward';

/** The rules of Avro's schema resolution, by what breaks them. */
export type CompatibilityRule =
  | 'type-mismatch'
  | 'name-mismatch'
  | 'field-without-default'
  | 'field-alias-ambiguous'
  | 'enum-symbols-missing'
  | 'fixed-size-mismatch'
  | 'union-branch-missing'
  | 'logical-type-mismatch'
  | 'decimal-mismatch'
  /** An earlier version that is no Avro schema of a record that this platform can read. */
  | 'schema-unusable'
  /** The records of an event type that is gone are still in the log. */
  | 'event-type-removed';

/** One rule that a schema breaks against one earlier version. */
export interface BrokenRule {
  readonly rule: CompatibilityRule;
  /** Where in the schema of the reader, such as `fields.price.type.items`; empty for the record itself. */
  readonly path: string;
  /** What is there and what would have to be, in words. */
  readonly message: string;
  /** What to do instead. */
  readonly advice: string;
}

const another =
  'leave it as it is, and add an optional field of another name: fill both until nobody reads the old one';

/** What to do instead of a change that breaks a rule; `what` is the part that is concerned. */
export function adviceFor(rule: CompatibilityRule, direction: Direction, what: string): string {
  const backward = direction === 'backward';
  switch (rule) {
    case 'field-without-default':
      return backward
        ? `give \`${what}\` a default`
        : `keep \`${what}\`: only a field that had a default in every version compared can be removed or renamed`;
    case 'name-mismatch':
      return backward
        ? `keep the name, or list \`${what}\` in the \`aliases\` of the type`
        : 'keep the name: readers of the earlier version do not know another one';
    case 'enum-symbols-missing':
      return backward
        ? `keep ${what}, or give the enum a \`default\``
        : `leave ${what} out: readers of the earlier version have no \`default\` to put in its place. ` +
            'Give the enum a `default` first, and add symbols under a level that compares with the latest version only; ' +
            'or add an optional field of a new enum';
    case 'union-branch-missing':
      return backward
        ? `keep ${what} in the union`
        : `leave ${what} out of the union, and add an optional field of that type instead`;
    case 'field-alias-ambiguous':
      return `remove all but one of ${what} from the \`aliases\` of the field`;
    case 'event-type-removed':
      return `keep ${what} under \`events\` of its topic, or list its full name in the \`aliases\` of the event type that replaces it`;
    case 'schema-unusable':
      return 'nothing in the new schema changes that: the version has to be deleted from the registry when no record of it is left';
    case 'type-mismatch':
    case 'fixed-size-mismatch':
    case 'logical-type-mismatch':
    case 'decimal-mismatch':
      return another;
  }
}
