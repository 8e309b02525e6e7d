import { ConfigurationError } from './configuration-error';
import type { ConfigurationDefinition, Settings, Variable } from './variable';
import { expectation, variableSchema } from './variable-schema';

const shownCharacters = 60;
const unitSuffixes: Readonly<Record<string, string>> = { milliseconds: '_MS', bytes: '_BYTES' };

/**
 * Fixes the variables of one service, the single source of its settings' types, their checks and their documentation.
 * Throws a TypeError for a name that is not UPPER_SNAKE_CASE or lacks its unit (`_MS`, `_BYTES`).
 */
export function defineConfiguration<const D extends ConfigurationDefinition>(definition: D): D {
  for (const [name, variable] of Object.entries(definition)) {
    if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(name)) {
      throw new TypeError(`configuration variable ${name}: expected a name in UPPER_SNAKE_CASE`);
    }
    const suffix = unitSuffixes[variable.kind];
    if (suffix !== undefined && !name.endsWith(suffix)) {
      throw new TypeError(
        `configuration variable ${name}: ${variable.kind} end in ${suffix}, so that the unit is read`,
      );
    }
  }
  return Object.freeze(definition);
}

/**
 * Reads a definition's variables from `env`: a frozen object with a typed value for each. An empty variable counts as
 * not set; variables that the definition does not name are ignored.
 *
 * Throws `ConfigurationError` (CONFIGURATION_INVALID) with all problems at once.
 */
export function parseConfiguration<D extends ConfigurationDefinition>(
  definition: D,
  env: Readonly<Record<string, string | undefined>>,
): Settings<D> {
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(definition)) {
    const text = env[name]?.trim() ?? '';
    if (text === '') {
      if (variable.default === undefined && variable.optional !== true) {
        problems.push(
          `${name}: expected ${expectation(variable)}, but it is not set (${variable.description})`,
        );
      }
      settings[name] = variable.default;
      continue;
    }
    const parsed = variableSchema(variable).safeParse(text);
    if (parsed.success) {
      settings[name] = parsed.data;
    } else {
      problems.push(`${name}: expected ${expectation(variable)}, got ${shown(variable, text)}`);
    }
  }
  if (problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  return Object.freeze(settings) as Settings<D>;
}

function shown(variable: Variable, text: string): string {
  if (variable.secret === true) {
    return 'a value that is not shown because it is a secret';
  }
  return JSON.stringify(text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text);
}
