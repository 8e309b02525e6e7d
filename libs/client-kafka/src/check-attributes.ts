import type { Problem, StampedEvent } from '@millrace/client';
import { isAttributeText, isSampledTrace, isTraceparent, maxAttributeLength } from '@millrace/event';
import type { EventAttributes } from '@millrace/event';

type AttributeProblem = NonNullable<Problem['errors']>[number];

/** The attributes as they go into the log, or everything that is wrong with them. */
export type CheckedAttributes =
  | { readonly ok: true; readonly attributes: EventAttributes }
  | { readonly ok: false; readonly problems: readonly AttributeProblem[] };

/** What the producer allows unless it is configured otherwise. */
const MAX_EXTENSIONS = 20;
const MAX_EXTENSION_BYTES = 4_096;
const EXTENSION_NAME = /^[a-z0-9]{1,50}$/;
/** Names that CloudEvents gives to something else than an extension. */
const NOT_EXTENSIONS = new Set(
  'data datacontenttype specversion type id source subject time traceparent'.split(' '),
);

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
  let bytes = 0;
  for (const [name, value] of Object.entries(extensions)) {
    bytes += name.length + Buffer.byteLength(value);
    if (!EXTENSION_NAME.test(name) || NOT_EXTENSIONS.has(name))
      refuse(name, 'an extension, named by a-z and 0-9');
    if (!isAttributeText(value)) refuse(name, 'no control characters');
  }
  if (Object.keys(extensions).length > MAX_EXTENSIONS) refuse('', `at most ${MAX_EXTENSIONS} extensions`);
  if (bytes > MAX_EXTENSION_BYTES) refuse('', `extensions of at most ${MAX_EXTENSION_BYTES} bytes in all`);
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
