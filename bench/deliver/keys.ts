/** So many keys have the records of `fillKeyed`, in turn. */
export const KEYS = 1_000;

export function keyNamed(number: number): string {
  return `key-${number}`;
}

/** The one that fails where one in a thousand does. */
export const POISON_KEY = keyNamed(0);
