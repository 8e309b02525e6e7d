import { isAttributeText } from './attribute-text';

/** How many extension attributes an event may have, and how many bytes their names and values in UTF-8, unless configured otherwise. */
export const defaultExtensionLimits = { count: 20, bytes: 4_096 } as const;

/** What is wrong with an extension attribute; with an empty name, with all of them. */
export interface ExtensionFault {
  readonly name: string;
  readonly expected: string;
}

const EXTENSION_NAME = /^[a-z0-9]{1,50}$/;
/** Names that CloudEvents gives to something else. */
const NOT_EXTENSIONS = new Set('data datacontenttype specversion type id source subject time'.split(' '));

/** Whether an extension attribute may be called so. Source: CloudEvents 1.0.2, section "Naming conventions". */
export function isExtensionName(name: string): boolean {
  return EXTENSION_NAME.test(name) && !NOT_EXTENSIONS.has(name);
}

/**
 * Everything that keeps extension attributes out of an event, by the default limits. `traceparent` is none of them where it has
 * a field of its own.
 */
export function findExtensionFaults(extensions: Readonly<Record<string, string>>): ExtensionFault[] {
  const faults: ExtensionFault[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(extensions)) {
    bytes += name.length + Buffer.byteLength(value);
    if (!isExtensionName(name) || name === 'traceparent')
      faults.push({ name, expected: 'an extension, named by 1 to 50 characters a-z and 0-9' });
    if (!isAttributeText(value)) faults.push({ name, expected: 'no control characters' });
  }
  const { count: most, bytes: mostBytes } = defaultExtensionLimits;
  if (Object.keys(extensions).length > most)
    faults.push({ name: '', expected: `at most ${most} extensions` });
  if (bytes > mostBytes)
    faults.push({ name: '', expected: `extensions of at most ${mostBytes} bytes in all` });
  return faults;
}
