import type { Field } from './field.js';

const ZERO_TEXTS = { string: '', json: '', strings: '', ints: '', int: '0', time: '0', bool: 'false' } as const;

/** What an attribute reads as on a record that it does not apply to. */
export function zeroText({ type }: Field): string {
  return ZERO_TEXTS[type];
}
