import type { Compatibility } from '@millrace/contracts';
import { compileWriterType } from '../avro/compile-type';
import { adviceFor } from './broken-rule';
import type { BrokenRule, Direction } from './broken-rule';
import { findBrokenRules } from './find-broken-rules';

/** A schema as it was before. */
export interface EarlierSchema {
  /** How to call it: `version 3`, `commit 1a2b3c4`. */
  readonly label: string;
  readonly schema: object;
}

/** A rule that the new schema breaks against one earlier version, in one direction. */
export interface Violation extends BrokenRule {
  /** The label of the earlier version. */
  readonly version: string;
  readonly direction: Direction;
}

/** The versions, oldest first, that a level compares a new schema with: all, the last, or none. */
export function versionsCompared<Version>(level: Compatibility, versions: readonly Version[]): Version[] {
  if (level === 'NONE') return [];
  return level.endsWith('_TRANSITIVE') ? [...versions] : versions.slice(-1);
}

/** The directions that a level asks for. */
export function directionsOf(level: Compatibility): Direction[] {
  if (level === 'NONE') return [];
  if (level.startsWith('FULL')) return ['backward', 'forward'];
  return [level.startsWith('BACKWARD') ? 'backward' : 'forward'];
}

/**
 * What a new schema breaks of its compatibility level against its earlier versions, which are given oldest first: with
 * all of them for a transitive level, otherwise with the last. Pure. Decides by Avro's rules and by the meaning of logical
 * types; see `findBrokenRules`. Throws a plain Error when the new schema itself is none.
 */
export function checkCompatibility(
  level: Compatibility,
  schema: object,
  earlier: readonly EarlierSchema[],
): Violation[] {
  const present = compileWriterType(schema);
  return versionsCompared(level, earlier).flatMap(({ label, schema: old }): Violation[] => {
    let before: ReturnType<typeof compileWriterType>;
    try {
      before = compileWriterType(old);
    } catch (error) {
      return [unusable(label, (error as Error).message)];
    }
    return directionsOf(level).flatMap((direction) => {
      const pair = direction === 'backward' ? ([present, before] as const) : ([before, present] as const);
      const broken = findBrokenRules(...pair, { direction, earlier: label });
      return broken.map((rule) => ({ ...rule, version: label, direction }));
    });
  });
}

function unusable(version: string, reason: string): Violation {
  return {
    rule: 'schema-unusable',
    path: '',
    message: `${version} cannot be used: ${reason}`,
    advice: adviceFor('schema-unusable', 'backward', ''),
    version,
    direction: 'backward',
  };
}
