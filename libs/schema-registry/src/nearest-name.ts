import { closest, distance } from 'fastest-levenshtein';

/** The known name that somebody who wrote `name` most likely meant; undefined when none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 200) return undefined;
  const nearest = closest(name, known);
  return distance(name.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, Math.floor(name.length / 3))
    ? nearest
    : undefined;
}
