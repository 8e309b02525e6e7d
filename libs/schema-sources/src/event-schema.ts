import { isJsonObject, isPrimitiveName } from './avro-model';
import type { NamedType } from './avro-model';

/**
 * The schema of an event as the registry gets it, complete in itself: a type that another file defines is written out
 * where it is first used, and referred to by its full name afterwards. What the file itself holds stays as it is.
 */
export function eventSchema(
  event: NamedType,
  types: ReadonlyMap<string, NamedType>,
): Record<string, unknown> {
  const defined = new Set<string>();

  function define(type: NamedType): Record<string, unknown> {
    defined.add(type.fullName);
    return expandObject(type.definition, namespaceOf(type.fullName));
  }

  function expand(schema: unknown, namespace: string): unknown {
    if (typeof schema === 'string') {
      if (isPrimitiveName(schema)) return schema;
      const fullName = schema.includes('.') ? schema : `${namespace}.${schema}`;
      const type = types.get(fullName);
      return type === undefined || defined.has(fullName) ? fullName : define(type);
    }
    if (Array.isArray(schema)) return schema.map((branch) => expand(branch, namespace));
    if (!isJsonObject(schema)) return schema;
    const name = schema['name'];
    if (typeof name !== 'string') return expandObject(schema, namespace);
    const own = typeof schema['namespace'] === 'string' ? schema['namespace'] : namespace;
    const fullName = name.includes('.') ? name : `${own}.${name}`;
    if (defined.has(fullName)) return fullName;
    defined.add(fullName);
    return expandObject(schema, namespaceOf(fullName));
  }

  function expandObject(
    schema: Readonly<Record<string, unknown>>,
    namespace: string,
  ): Record<string, unknown> {
    const expanded: Record<string, unknown> = { ...schema };
    if (schema['items'] !== undefined) expanded['items'] = expand(schema['items'], namespace);
    if (schema['values'] !== undefined) expanded['values'] = expand(schema['values'], namespace);
    if (Array.isArray(schema['fields'])) {
      expanded['fields'] = schema['fields'].map((field: Record<string, unknown>) => ({
        ...field,
        type: expand(field['type'], namespace),
      }));
    }
    return expanded;
  }

  return define(event);
}

function namespaceOf(fullName: string): string {
  return fullName.slice(0, fullName.lastIndexOf('.'));
}
