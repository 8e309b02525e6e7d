/** True when two schemas differ in nothing but documentation: the registry takes such schemas for one as well. */
export function sameSchema(a: object, b: object): boolean {
  return canonical(a) === canonical(b);
}

function canonical(schema: object): string {
  return JSON.stringify(schema, (key, value: unknown) => {
    if (key === 'doc') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
