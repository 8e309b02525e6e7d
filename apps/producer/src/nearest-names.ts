import { distance } from 'fastest-levenshtein';

const MAX_NAMES = 3;

/** The known names most similar to one that is not known, the nearest first. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const wanted = name.slice(0, 200).toLowerCase();
  return known
    .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate);
}
