import avsc from 'avsc';
import { DecimalType } from '../avro/decimal-type';
import { branchesOf, describeType, kindOf, listed, logicalNameOf, storedType } from './avro-type';
import { adviceFor } from './broken-rule';
import type { BrokenRule, CompatibilityRule, Direction } from './broken-rule';

const { types } = avsc;

/** What a reader of the type on the right makes of values of the type on the left, beside values of its own. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

export interface Comparison {
  readonly direction: Direction;
  /** How to call the earlier version, such as `version 3`. */
  readonly earlier: string;
}

/**
 * Every rule of Avro's schema resolution that keeps `reader` from reading all that `writer` may have written; none when
 * it can. Both are types of `compileWriterType`. Source: Avro 1.12.0 specification, "Schema Resolution" and "Aliases";
 * logical types by its section "Logical Types": a decimal needs the same scale and precision, and of two different
 * known logical types neither reads the other. A logical type and the plain type beneath it read one another.
 */
export function findBrokenRules(reader: avsc.Type, writer: avsc.Type, comparison: Comparison): BrokenRule[] {
  const walk = new Walk(comparison);
  walk.read(reader, writer, '');
  return walk.broken;
}

class Walk {
  readonly broken: BrokenRule[] = [];
  readonly #comparison: Comparison;
  /** Pairs of records that were begun: a type that contains itself is looked at once. */
  readonly #begun = new Map<avsc.Type, Set<avsc.Type>>();
  readonly #reader: string;
  readonly #writer: string;

  constructor(comparison: Comparison) {
    this.#comparison = comparison;
    const names = ['the new schema', comparison.earlier] as const;
    [this.#reader, this.#writer] = comparison.direction === 'backward' ? names : [names[1], names[0]];
  }

  read(reader: avsc.Type, writer: avsc.Type, at: string): void {
    const written = branchesOf(writer);
    if (written !== undefined) for (const branch of written) this.#readBranch(reader, branch, at);
    else if (branchesOf(reader) !== undefined) this.#readBranch(reader, writer, at);
    else this.#readOne(reader, writer, at);
  }

  /** A value of a union, or one that a union reads. */
  #readBranch(reader: avsc.Type, writer: avsc.Type, at: string): void {
    const branches = branchesOf(reader) ?? [reader];
    const attempts = branches.map((branch) => this.#attempt(branch, writer, at));
    if (attempts.some((broken) => broken.length === 0)) return;
    // The branch that was most likely meant says more than that none fits.
    const alike = branches.findIndex((branch) => kindOf(branch) === kindOf(writer));
    const index = branches.length === 1 ? '' : `[${alike}]`;
    if (alike !== -1) {
      const meant = branches[alike];
      if (meant !== undefined) this.#readOne(meant, writer, `${at}${index}`);
      return;
    }
    const what = describeType(writer);
    this.#break(
      'union-branch-missing',
      at,
      what,
      `${this.#writer} may hold ${what} here, which ${describeType(reader)} of ${this.#reader} does not read`,
    );
  }

  #attempt(reader: avsc.Type, writer: avsc.Type, at: string): readonly BrokenRule[] {
    const attempt = new Walk(this.#comparison);
    for (const [record, writers] of this.#begun) attempt.#begun.set(record, new Set(writers));
    attempt.#readOne(reader, writer, at);
    return attempt.broken;
  }

  #readOne(reader: avsc.Type, writer: avsc.Type, at: string): void {
    if (!this.#readMeaning(reader, writer, at)) return;
    const [to, from] = [storedType(reader), storedType(writer)];
    const kind = kindOf(to);
    if (kind !== kindOf(from)) {
      if (promotions[kindOf(from)]?.includes(kind) !== true) this.#mismatch(reader, writer, at);
    } else if (to instanceof types.ArrayType) {
      this.read(to.itemsType, (from as avsc.types.ArrayType).itemsType, inside(at, 'items'));
    } else if (to instanceof types.MapType) {
      this.read(
        to.valuesType as avsc.Type,
        (from as avsc.types.MapType).valuesType as avsc.Type,
        inside(at, 'values'),
      );
    } else if (to.name !== undefined && this.#readName(to, from, at)) {
      if (to instanceof types.RecordType) this.#readRecord(to, from as avsc.types.RecordType, at);
      else if (to instanceof types.EnumType) this.#readEnum(to, from as avsc.types.EnumType, at);
      else this.#readFixed(to as avsc.types.FixedType, from as avsc.types.FixedType, at);
    }
  }

  /** Milliseconds must not be read as microseconds, though both are longs. */
  #readMeaning(reader: avsc.Type, writer: avsc.Type, at: string): boolean {
    const [to, from] = [logicalNameOf(reader), logicalNameOf(writer)];
    if (to === undefined || from === undefined) return true;
    if (to !== from) {
      const message = `${this.#writer} holds ${describeType(writer)} here, and ${this.#reader} would take it for ${describeType(reader)}`;
      return this.#break('logical-type-mismatch', at, to, message);
    }
    if (!(reader instanceof DecimalType) || !(writer instanceof DecimalType)) return true;
    if (reader.scale === writer.scale && reader.precision === writer.precision) return true;
    const [expected, got] = [reader, writer].map(({ precision, scale }) => `decimal(${precision}, ${scale})`);
    const message = `${this.#writer} holds ${got ?? ''} here and ${this.#reader} ${expected ?? ''}: precision and scale must be the same`;
    return this.#break('decimal-mismatch', at, to, message);
  }

  /** By Avro the unqualified names must be equal, or the writer's full name an alias of the reader. */
  #readName(reader: avsc.Type, writer: avsc.Type, at: string): boolean {
    const [to = '', from = ''] = [reader.name, writer.name];
    if (unqualified(to) === unqualified(from) || (reader.aliases ?? []).includes(from)) return true;
    const message = `${this.#writer} calls this ${kindOf(writer)} ${from}, and ${this.#reader} ${to}, without that name among its aliases`;
    return this.#break('name-mismatch', at, from, message);
  }

  #readRecord(reader: avsc.types.RecordType, writer: avsc.types.RecordType, at: string): void {
    const begun = this.#begun.get(reader) ?? new Set();
    if (begun.has(writer)) return;
    this.#begun.set(reader, begun.add(writer));
    for (const field of reader.fields) {
      const place = inside(at, `fields.${field.name}`);
      const names = [field.name, ...field.aliases];
      const found = writer.fields.filter(({ name }) => names.includes(name));
      const [source] = found;
      if (found.length > 1) {
        const all = listed(found.map(({ name }) => `\`${name}\``));
        const message = `${this.#writer} has ${all}, and each could be \`${field.name}\` of ${this.#reader}`;
        this.#break('field-alias-ambiguous', place, all, message);
      } else if (source !== undefined) {
        this.read(field.type, source.type, inside(place, 'type'));
      } else if (field.defaultValue() === undefined) {
        const message = `${this.#reader} has a field \`${field.name}\` without a default, and ${this.#writer} has no such field`;
        this.#break('field-without-default', place, field.name, message);
      }
    }
  }

  #readEnum(reader: avsc.types.EnumType, writer: avsc.types.EnumType, at: string): void {
    const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
    if (missing.length === 0 || (reader as { default?: unknown }).default !== undefined) return;
    const what = listed(missing.map((symbol) => `\`${symbol}\``));
    const message = `${this.#writer} may hold ${what}, which enum ${reader.name ?? ''} of ${this.#reader} does not have, and it has no default`;
    this.#break('enum-symbols-missing', inside(at, 'symbols'), what, message);
  }

  #readFixed(reader: avsc.types.FixedType, writer: avsc.types.FixedType, at: string): void {
    if (reader.size === writer.size) return;
    const message = `fixed ${reader.name ?? ''} has ${writer.size} bytes in ${this.#writer} and ${reader.size} in ${this.#reader}`;
    this.#break('fixed-size-mismatch', inside(at, 'size'), reader.name ?? '', message);
  }

  #mismatch(reader: avsc.Type, writer: avsc.Type, at: string): void {
    const readable = promotions[kindOf(writer)];
    const also = readable === undefined ? 'nothing else' : listed(readable);
    const message = `${this.#writer} holds ${describeType(writer)} here and ${this.#reader} expects ${describeType(reader)}; Avro reads ${kindOf(writer)} as ${also}`;
    this.#break('type-mismatch', at, kindOf(writer), message);
  }

  #break(rule: CompatibilityRule, path: string, what: string, message: string): false {
    const advice = adviceFor(rule, this.#comparison.direction, what);
    this.broken.push({ rule, path, message, advice });
    return false;
  }
}

function inside(at: string, part: string): string {
  return at === '' ? part : `${at}.${part}`;
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
