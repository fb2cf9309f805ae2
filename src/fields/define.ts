/** Functions that create the fields of the tables. Each fills in the properties that follow from the type. */
import type { FlatRecord } from '../records/flat-record.js';
import { RecordKind } from '../sysflow/record-types.js';
import type { BoolField, FieldDependency, FieldSection, IntField, ListField, StringField } from './field.js';

const bit = (kind: RecordKind): number => 1 << kind;

/** Bit masks of record kinds for `Field.kinds`. */
export const KINDS_PE: number = bit(RecordKind.processEvent);
export const KINDS_FF: number = bit(RecordKind.fileFlow);
export const KINDS_FE: number = bit(RecordKind.fileEvent);
export const KINDS_NF: number = bit(RecordKind.networkFlow);
export const KINDS_KE: number = bit(RecordKind.k8sEvent);
/** Records with a file. */
export const KINDS_FILE: number = KINDS_FF | KINDS_FE;
/** Flows: records with an end and counters. */
export const KINDS_FLOW: number = KINDS_FF | KINDS_NF;
/** Records with a process. */
export const KINDS_PROC: number = KINDS_PE | KINDS_FILE | KINDS_NF;
/** Every record. */
export const KINDS_ALL: number = KINDS_PROC | KINDS_KE;

/** Properties shared by the fields of a section. */
export interface Defaults {
  readonly section: FieldSection;
  readonly dependsOn: FieldDependency;
  readonly kinds: number;
}

/** Optional properties of a field. */
export interface Extras {
  readonly dependsOn?: FieldDependency;
  readonly kinds?: number;
  readonly exported?: boolean;
  readonly aliases?: readonly string[];
  readonly misnomers?: readonly string[];
}

function common(
  defaults: Defaults,
  name: string,
  description: string,
  extras: Extras,
): Omit<StringField, 'type' | 'read'> {
  return {
    name,
    section: defaults.section,
    dependsOn: extras.dependsOn ?? defaults.dependsOn,
    kinds: extras.kinds ?? defaults.kinds,
    description,
    exported: extras.exported ?? true,
    aliases: extras.aliases ?? [],
    misnomers: extras.misnomers ?? [],
  };
}

export function stringField(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => string,
  extras: Extras = {},
): StringField {
  return { ...common(defaults, name, description, extras), type: 'string', read };
}

/** Text to which JSON paths apply. */
export function jsonField(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => string,
  extras: Extras = {},
): StringField {
  return { ...common(defaults, name, description, extras), type: 'json', read };
}

/** A 32-bit integer. */
export function int32Field(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => number,
  extras: Extras = {},
): IntField {
  return {
    ...common(defaults, name, description, extras),
    type: 'int',
    readLow: read,
    readHigh: (record) => (read(record) < 0 ? -1 : 0),
  };
}

export function int64Field(
  defaults: Defaults,
  name: string,
  description: string,
  readLow: (record: FlatRecord) => number,
  readHigh: (record: FlatRecord) => number,
  extras: Extras = {},
): IntField {
  return { ...common(defaults, name, description, extras), type: 'int', readLow, readHigh };
}

/** The 64-bit number in a slot of the record's row. */
export function slotField(
  defaults: Defaults,
  name: string,
  description: string,
  slot: number,
  extras: Extras = {},
): IntField {
  const readLow = (record: FlatRecord): number => record.slots[record.base + slot]!;
  const readHigh = (record: FlatRecord): number => record.slots[record.base + slot + 1]!;
  return {
    ...int64Field(defaults, name, description, readLow, readHigh, extras),
    slot: { offset: slot, wide: true },
  };
}

/** The 32-bit number in a slot of the record's row. */
export function slot32Field(
  defaults: Defaults,
  name: string,
  description: string,
  slot: number,
  extras: Extras = {},
): IntField {
  const read = (record: FlatRecord): number => record.slots[record.base + slot]!;
  return { ...int32Field(defaults, name, description, read, extras), slot: { offset: slot, wide: false } };
}

/** Returns the same integer field with the type `time`: nanoseconds since the epoch. */
export function asTime(field: IntField): IntField {
  return { ...field, type: 'time' };
}

export function boolField(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => boolean,
  extras: Extras = {},
): BoolField {
  return { ...common(defaults, name, description, extras), type: 'bool', read };
}

export function stringsField(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => readonly string[],
  extras: Extras = {},
): ListField {
  return { ...common(defaults, name, description, extras), type: 'strings', read };
}

export function intsField(
  defaults: Defaults,
  name: string,
  description: string,
  read: (record: FlatRecord) => readonly string[],
  extras: Extras = {},
): ListField {
  return { ...common(defaults, name, description, extras), type: 'ints', read };
}
