import type { EventToPublish } from '@millrace/client';
import * as fc from 'fast-check';

/** A value as code that makes it. */
export function show(value: unknown): string {
  return fc.stringify(value);
}

/** The call that checks a projection with these events alone, as code. */
export function showCheck(events: readonly EventToPublish[]): string {
  const lines = events.map(({ type, value, options = {} }) => {
    const name = type.type.slice(type.type.lastIndexOf('.') + 1);
    const rest = Object.keys(options).length === 0 ? '' : `, ${show(options)}`;
    return `  eventOf(${name}, ${show(value)}${rest}),\n`;
  });
  return `checkProjection(projection, [\n${lines.join('')}]);`;
}
