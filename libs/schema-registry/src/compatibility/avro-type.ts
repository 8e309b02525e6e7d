import avsc from 'avsc';
import { NativeLogicalType } from '../avro/logical-type';

const { types } = avsc;

/** The branches of a union, or undefined for any other type. */
export function branchesOf(type: avsc.Type): readonly avsc.Type[] | undefined {
  const union = type instanceof types.WrappedUnionType || type instanceof types.UnwrappedUnionType;
  return union ? type.types : undefined;
}

/** The type beneath a logical type; any other type is its own. */
export function storedType(type: avsc.Type): avsc.Type {
  return type instanceof NativeLogicalType ? type.underlyingType : type;
}

/** The Avro name of a type's kind: `long`, `record`, `union`. */
export function kindOf(type: avsc.Type): string {
  return storedType(type)
    .typeName.replace(/^abstract:/, '')
    .replace(/:.*$/, '');
}

/** The name of a logical type, or undefined. */
export function logicalNameOf(type: avsc.Type): string | undefined {
  return type instanceof NativeLogicalType ? type.typeName.replace(/^logical:/, '') : undefined;
}

/** A type as a person calls it: `timestamp-millis`, `enum orders.Size`, `union of null and string`. */
export function describeType(type: avsc.Type): string {
  const branches = branchesOf(type);
  if (branches !== undefined) return `union of ${listed(branches.map(describeType))}`;
  const logical = logicalNameOf(type);
  if (logical !== undefined) return `${logical} (${kindOf(type)})`;
  if (type instanceof types.ArrayType) return `array of ${describeType(type.itemsType)}`;
  if (type instanceof types.MapType) return `map of ${describeType(type.valuesType as avsc.Type)}`;
  return type.name === undefined ? kindOf(type) : `${kindOf(type)} ${type.name}`;
}

/** `a`, `a and b`, `a, b and c`; `nothing` for none. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? 'nothing';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
