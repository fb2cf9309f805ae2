import type { Field } from './field.js';

const ZERO_TEXTS = { string: '', json: '', strings: '', ints: '', int: '0', time: '0', bool: 'false' } as const;

/** Returns the text of an attribute on a record to which it does not apply. */
export function zeroText({ type }: Field): string {
  return ZERO_TEXTS[type];
}
