interface Described {
  /** One sentence for `docs/configuration.md`: what the variable decides. */
  readonly description: string;
  /** True for what must never be printed, in errors included. */
  readonly secret?: boolean;
}

/** Without `default` a variable is required, unless it is `optional`; then its value may be undefined. */
interface Absent<T> {
  readonly default?: T;
  readonly optional?: boolean;
}

interface Bounded {
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface TextVariable extends Described, Absent<string> {
  readonly kind: 'text';
}

export interface UrlVariable extends Described, Absent<string> {
  readonly kind: 'url';
  /** Accepted schemes without the colon, for example `['http', 'https']`. */
  readonly schemes: readonly string[];
}

export interface ChoiceVariable extends Described, Absent<string> {
  readonly kind: 'choice';
  readonly choices: readonly string[];
}

/** `true` or `false`, in words. */
export interface SwitchVariable extends Described, Absent<boolean> {
  readonly kind: 'switch';
}

/** A TCP port; 0 takes any free one. */
export interface PortVariable extends Described, Absent<number> {
  readonly kind: 'port';
}

/** A whole number; `milliseconds` and `bytes` carry their unit at the end of the variable's name. */
export interface NumberVariable extends Described, Absent<number>, Bounded {
  readonly kind: 'integer' | 'milliseconds' | 'bytes';
}

/** Comma-separated texts, or comma-separated `host:port` pairs. */
export interface ListVariable extends Described, Absent<readonly string[]> {
  readonly kind: 'list' | 'addresses';
}

export type Variable =
  TextVariable | UrlVariable | ChoiceVariable | SwitchVariable | PortVariable | NumberVariable | ListVariable;

/** The variables of a service by name. */
export type ConfigurationDefinition = Readonly<Record<string, Variable>>;

type Present<V extends Variable> = V extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : V extends SwitchVariable
    ? boolean
    : V extends PortVariable | NumberVariable
      ? number
      : V extends ListVariable
        ? readonly string[]
        : string;

export type ValueOf<V extends Variable> = V extends { optional: true } ? Present<V> | undefined : Present<V>;

/** What a definition is parsed into: frozen, one property for each variable, under the variable's own name. */
export type Settings<D extends ConfigurationDefinition> = { readonly [Name in keyof D]: ValueOf<D[Name]> };
