import { z } from 'zod';
import type { Variable } from './variable';

const decimal = z
  .string()
  .regex(/^-?\d{1,16}$/)
  .transform(Number);

const hostAndPort = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:,/]+):([0-9]{1,5})$/;

/** The schema that turns the text of the environment into the variable's value. */
export function variableSchema(variable: Variable): z.ZodType {
  switch (variable.kind) {
    case 'text':
      return z.string();
    case 'url':
      return z.string().refine((text) => isUrl(text, variable.schemes));
    case 'choice':
      return z.enum(variable.choices);
    case 'switch':
      return z.enum(['true', 'false']).transform((text) => text === 'true');
    case 'port':
      return decimal.pipe(z.number().min(0).max(65_535));
    case 'integer':
    case 'milliseconds':
    case 'bytes':
      return decimal.pipe(
        z
          .number()
          .min(lowest(variable))
          .max(variable.maximum ?? Number.MAX_SAFE_INTEGER),
      );
    case 'list':
      return commaSeparated(z.string().min(1));
    case 'addresses':
      return commaSeparated(z.string().refine(isAddress));
  }
}

/** What the variable accepts, as errors and the documentation say it. */
export function expectation(variable: Variable): string {
  switch (variable.kind) {
    case 'text':
      return 'text';
    case 'url':
      return `a URL that begins with ${variable.schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
    case 'choice':
      return `one of ${variable.choices.join(', ')}`;
    case 'switch':
      return 'true or false';
    case 'port':
      return 'a port from 0 to 65535, where 0 takes any free one';
    case 'integer':
      return `a whole number${range(variable)}`;
    case 'milliseconds':
      return `milliseconds, a whole number${range(variable)}`;
    case 'bytes':
      return `bytes, a whole number${range(variable)}`;
    case 'list':
      return 'texts separated by commas';
    case 'addresses':
      return 'host:port pairs separated by commas';
  }
}

function lowest(variable: { readonly kind: string; readonly minimum?: number }): number {
  return variable.minimum ?? (variable.kind === 'integer' ? Number.MIN_SAFE_INTEGER : 0);
}

function range({ kind, minimum, maximum }: { kind: string; minimum?: number; maximum?: number }): string {
  const from = minimum ?? (kind === 'integer' ? undefined : 0);
  const words = [from === undefined ? '' : ` from ${from}`, maximum === undefined ? '' : ` up to ${maximum}`];
  return words.join('');
}

function commaSeparated(item: z.ZodString): z.ZodType {
  return z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(item));
}

function isUrl(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}

function isAddress(text: string): boolean {
  const port = Number(hostAndPort.exec(text)?.[1] ?? 0);
  return port >= 1 && port <= 65_535;
}
