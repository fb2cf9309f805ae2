import type { FlatRecord } from '../records/flat-record.js';

/**
 * What a field's value depends on, from cheap to expensive. The policy engine evaluates a predicate once per value of
 * its dependency, and encoders cache a fragment per value:
 *
 * - `signature`: record type and op flags;
 * - `openflags`: the open flags of a file flow;
 * - `actor`: process, ancestors, container, pod and header;
 * - `file`, `newfile`: the file or the second file;
 * - `event`: the record's own numbers and payload.
 */
export type FieldDependency = 'signature' | 'openflags' | 'actor' | 'file' | 'newfile' | 'event';

/** The part of a record that a field belongs to; also its section in the JSON output (`ke` is written as `k8s`). */
export type FieldSection =
  | 'record'
  | 'proc'
  | 'pproc'
  | 'file'
  | 'net'
  | 'flow'
  | 'container'
  | 'pod'
  | 'ke'
  | 'node'
  | 'meta';

interface FieldBase {
  /** `sf.proc.exe`, … */
  readonly name: string;
  readonly section: FieldSection;
  readonly dependsOn: FieldDependency;
  /** Bits `1 << RecordKind` of the record kinds that can have it. On others it has its zero value. */
  readonly kinds: number;
  /** One sentence, with the unit if there is one. */
  readonly description: string;
  /** Whether it is written to the JSON output, and not only available in rules. */
  readonly exported: boolean;
  /** Equivalent names. */
  readonly aliases: readonly string[];
  /**
   * Whether it contains addresses that are compared with networks: `=`, `!=` and `in` test whether an address is in a
   * network.
   */
  readonly networks?: true;
  /** Other names that are accepted with a warning: misspellings, and names that occurred in the documentation only. */
  readonly misnomers: readonly string[];
}

/** Text; `json` is text to which JSON paths apply. Zero value: empty. */
export interface StringField extends FieldBase {
  readonly type: 'string' | 'json';
  readonly read: (record: FlatRecord) => string;
  /**
   * For JSON that is a single object: `NAME[KEY]` and `NAME.KEY` are the member with that key. The key is not a path,
   * so dots in it are part of the key.
   */
  readonly keyed?: true;
}

/** A signed 64-bit integer as two halves (see `sysflow/int64.ts`); `time` is nanoseconds since the epoch. Zero: 0. */
export interface IntField extends FieldBase {
  readonly type: 'int' | 'time';
  readonly readLow: (record: FlatRecord) => number;
  readonly readHigh: (record: FlatRecord) => number;
  /**
   * For a field that is a plain number of the record: the offset of its low half in the record's row (see
   * `sysflow/record-batch.ts`). `wide` is false for a 32-bit slot, which is sign-extended.
   */
  readonly slot?: { readonly offset: number; readonly wide: boolean };
}

/** Zero value: false. */
export interface BoolField extends FieldBase {
  readonly type: 'bool';
  readonly read: (record: FlatRecord) => boolean;
}

/** Several texts (`strings`) or several integers in decimal (`ints`). Zero value: the empty list. */
export interface ListField extends FieldBase {
  readonly type: 'strings' | 'ints';
  readonly read: (record: FlatRecord) => readonly string[];
  /** The list that an index (`proc.aname[2]`) applies to, if it is a different one. */
  readonly readIndexed?: (record: FlatRecord) => readonly string[];
  /** The valid indices, for a list that can be used in rules with an index only. */
  readonly indices?: { readonly first: number; readonly last: number };
}

/** One attribute of the policy language and of the outputs. */
export type Field = StringField | IntField | BoolField | ListField;

export type FieldType = Field['type'];
