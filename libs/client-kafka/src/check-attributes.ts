import type { Problem, StampedEvent } from '@millrace/client';
import {
  findExtensionFaults,
  isAttributeText,
  isSampledTrace,
  isTraceparent,
  maxAttributeLength,
} from '@millrace/event';
import type { EventAttributes } from '@millrace/event';

type AttributeProblem = NonNullable<Problem['errors']>[number];

/** The attributes as they go into the log, or everything that is wrong with them. */
export type CheckedAttributes =
  | { readonly ok: true; readonly attributes: EventAttributes }
  | { readonly ok: false; readonly problems: readonly AttributeProblem[] };

/** Checks the attributes by the producer's own rules, so that both ways into the log take and keep the same. */
export function checkAttributes(event: StampedEvent): CheckedAttributes {
  const problems: AttributeProblem[] = [];
  const refuse = (path: string, expected: string): void => {
    problems.push({ path: `/${path.slice(0, 60)}`, expected, got: 'something else' });
  };
  for (const name of ['id', 'source', 'subject'] as const) {
    const text = event[name];
    if (text !== undefined && !isText(text))
      refuse(name, `1 to ${maxAttributeLength} characters, none a control character`);
  }
  if (event.source.includes(' ')) refuse('source', 'a URI reference without spaces');
  if (Number.isNaN(event.time.getTime())) refuse('time', 'a valid Date');
  const { traceparent, extensions = {}, ...others } = event;
  if (traceparent !== undefined && !isTraceparent(traceparent)) refuse('traceparent', 'a W3C traceparent');
  for (const { name, expected } of findExtensionFaults(extensions)) refuse(name, expected);
  if (problems.length > 0) return { ok: false, problems };
  const kept = traceparent === undefined ? extensions : { ...extensions, traceparent };
  return {
    ok: true,
    attributes: {
      ...others,
      ...(traceparent !== undefined && isSampledTrace(traceparent) ? { traceparent } : {}),
      ...(Object.keys(kept).length > 0 ? { extensions: kept } : {}),
    },
  };
}

function isText(text: string): boolean {
  return text.length > 0 && text.length <= maxAttributeLength && isAttributeText(text);
}
