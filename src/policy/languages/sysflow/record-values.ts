/** What is known about an attribute's value from the record type alone. */

import { EVENT_TYPES } from '../../../fields/falco-fields.js';
import { zeroText } from '../../../fields/zero-text.js';
import { RECORD_TYPE_CODES, RecordKind } from '../../../sysflow/record-types.js';
import type { FieldValue } from '../../model/policy.js';
import { valuesOf } from './value-domains.js';

/** The record kinds that rules are evaluated on. */
export const RULE_KINDS: readonly RecordKind[] = [
  RecordKind.processEvent,
  RecordKind.networkFlow,
  RecordKind.fileFlow,
  RecordKind.fileEvent,
  RecordKind.k8sEvent,
];

/** Operations by record kind. Unix sockets are file flows, so these may connect and accept. */
const OPERATIONS: ReadonlyMap<RecordKind, readonly string[]> = new Map([
  [RecordKind.processEvent, ['CLONE', 'EXEC', 'EXIT', 'SETUID', 'SETNS']],
  [
    RecordKind.fileFlow,
    ['OPEN', 'ACCEPT', 'CONNECT', 'CLOSE', 'WRITE', 'READ', 'SETNS', 'MMAP', 'SHUTDOWN', 'TRUNCATE', 'DIGEST'],
  ],
  [RecordKind.networkFlow, ['OPEN', 'ACCEPT', 'CONNECT', 'CLOSE', 'SEND', 'RECV', 'SHUTDOWN', 'TRUNCATE', 'DIGEST']],
  [RecordKind.fileEvent, ['MKDIR', 'RMDIR', 'LINK', 'SYMLINK', 'UNLINK', 'RENAME']],
  [RecordKind.k8sEvent, []],
]);

/**
 * The possible values of an attribute on a record kind:
 *
 * - `exact`: exactly this text;
 * - `among`: one of these (for a list, some of these), or empty;
 * - `any`: any text.
 */
export type Possible =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'among'; readonly texts: ReadonlySet<string> }
  | { readonly kind: 'any' };

const ANY: Possible = { kind: 'any' };
const EMPTY: Possible = { kind: 'exact', text: '' };

export function possibleValues(value: FieldValue, kind: RecordKind): Possible {
  const { field } = value;
  if ((field.kinds & (1 << kind)) === 0) return value.path === null ? { kind: 'exact', text: zeroText(field) } : EMPTY;
  if (value.path !== null) return ANY;
  switch (field.name) {
    case 'sf.type':
      return { kind: 'exact', text: RECORD_TYPE_CODES[kind]! };
    case 'sf.opflags':
      return { kind: 'among', texts: new Set(OPERATIONS.get(kind) ?? []) };
    case 'evt.num':
      return { kind: 'exact', text: '1' };
    case 'evt.type':
      return { kind: 'among', texts: EVENT_TYPES };
    default: {
      const domain = valuesOf(field);
      return domain === undefined ? ANY : { kind: 'among', texts: domain };
    }
  }
}

/** Whether an attribute has a single value on records of a kind. */
export function isSingleValued(value: FieldValue, kind: RecordKind): boolean {
  if (value.index !== null) return true;
  if (value.field.type !== 'strings' && value.field.type !== 'ints') return true;
  // An event has one operation; a flow collects all operations while it is open.
  return value.field.name === 'sf.opflags' && (kind === RecordKind.processEvent || kind === RecordKind.fileEvent);
}
