import { InvalidOptionError } from './errors';
import type { TailedRecord } from './tailed-record';

export interface FilterOptions {
  /** Any of these types. */
  readonly type?: readonly string[];
  /** Any of these keys. */
  readonly key?: readonly string[];
  /** All of these, `field=value` or `field.of.a.field=value`. */
  readonly where?: readonly string[];
}

/**
 * Decides which records are shown. A record that cannot be decoded passes every filter that asks for what is not known of
 * it: nobody can say that it is not the one that was looked for.
 * @throws InvalidOptionError
 */
export function recordFilter({ type, key, where = [] }: FilterOptions): (record: TailedRecord) => boolean {
  const conditions = where.map(parseCondition);
  return (record) =>
    (key === undefined || (record.key !== null && key.includes(record.key))) &&
    (type === undefined || record.type === undefined || type.includes(record.type)) &&
    (record.problem !== undefined || conditions.every((condition) => condition(record.data)));
}

function parseCondition(text: string): (data: unknown) => boolean {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidOptionError('--where', 'field=value, such as origin=SEA or address.city=Oslo');
  const path = text.slice(0, at).split('.');
  const wanted = text.slice(at + 1);
  return (data) => {
    let value = data;
    for (const name of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
      value = (value as Record<string, unknown>)[name];
    }
    return typeof value === 'object' && value !== null
      ? JSON.stringify(value) === wanted
      : String(value) === wanted;
  };
}
