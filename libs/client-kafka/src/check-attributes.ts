import type { Problem, StampedEvent } from '@millrace/client';
import type { EventAttributes } from '@millrace/event';

type AttributeProblem = NonNullable<Problem['errors']>[number];

/** The attributes as they go into the log, or everything that is wrong with them. */
export type CheckedAttributes =
  | { readonly ok: true; readonly attributes: EventAttributes }
  | { readonly ok: false; readonly problems: readonly AttributeProblem[] };

/** What the producer allows unless it is configured otherwise. */
const MAX_TEXT = 500;
const MAX_EXTENSIONS = 20;
const MAX_EXTENSION_BYTES = 4_096;
const EXTENSION_NAME = /^[a-z0-9]{1,50}$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})$/;
/** CloudEvents 1.0.2, section "Type system": not in any String. */
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;
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
      refuse(name, `1 to ${MAX_TEXT} characters, none a control character`);
  }
  if (event.source.includes(' ')) refuse('source', 'a URI reference without spaces');
  if (Number.isNaN(event.time.getTime())) refuse('time', 'a valid Date');
  const { traceparent, extensions = {}, ...others } = event;
  const trace = traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent);
  if (trace === null) refuse('traceparent', 'a W3C traceparent');
  let bytes = 0;
  for (const [name, value] of Object.entries(extensions)) {
    bytes += name.length + Buffer.byteLength(value);
    if (!EXTENSION_NAME.test(name) || NOT_EXTENSIONS.has(name))
      refuse(name, 'an extension, named by a-z and 0-9');
    if (NOT_TEXT.test(value)) refuse(name, 'no control characters');
  }
  if (Object.keys(extensions).length > MAX_EXTENSIONS) refuse('', `at most ${MAX_EXTENSIONS} extensions`);
  if (bytes > MAX_EXTENSION_BYTES) refuse('', `extensions of at most ${MAX_EXTENSION_BYTES} bytes in all`);
  if (problems.length > 0) return { ok: false, problems };
  const isSampled = (Number.parseInt(trace?.[1] ?? '0', 16) & 1) === 1;
  const kept = traceparent === undefined ? extensions : { ...extensions, traceparent };
  return {
    ok: true,
    attributes: {
      ...others,
      ...(traceparent !== undefined && isSampled ? { traceparent } : {}),
      ...(Object.keys(kept).length > 0 ? { extensions: kept } : {}),
    },
  };
}

function isText(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TEXT && !NOT_TEXT.test(text);
}
