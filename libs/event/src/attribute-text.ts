/** Longest id, source and subject of an event, in UTF-16 units. */
export const maxAttributeLength = 500;

/** CloudEvents 1.0.2, section "Type system": not in any String. */
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})$/;

/** Whether a text consists of whole Unicode characters, none of them a control character. */
export function isAttributeText(text: string): boolean {
  // Most are plain: the expression takes several times as long.
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return !NOT_TEXT.test(text);
  }
  return true;
}

/** Whether a text is a W3C traceparent. */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}

/** Whether a traceparent says that its trace is sampled; only such a one goes into a record. */
export function isSampledTrace(traceparent: string): boolean {
  return (Number.parseInt(TRACEPARENT.exec(traceparent)?.[1] ?? '0', 16) & 1) === 1;
}
