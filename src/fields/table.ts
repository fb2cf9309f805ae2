/**
 * The table of all attributes. The JSON output, the policy language, the documentation and completion are derived from
 * it.
 */
import { CONTAINER_FIELDS } from './container-fields.js';
import { FALCO_FIELDS } from './falco-fields.js';
import type { Field } from './field.js';
import { FILE_FIELDS } from './file-fields.js';
import { PROCESS_FIELDS } from './process-fields.js';
import { RECORD_FIELDS } from './record-fields.js';

/** All attributes, by section and in the order of the documentation. */
export const FIELDS: readonly Field[] = [
  ...RECORD_FIELDS,
  ...PROCESS_FIELDS,
  ...FILE_FIELDS,
  ...CONTAINER_FIELDS,
  ...FALCO_FIELDS,
];

/** The result of looking up a name. */
export interface FieldMatch {
  readonly field: Field;
  /** Whether the name is a misnomer of the field, which is accepted with a warning. */
  readonly misnomer: boolean;
  /** The key after the name, if the field supports one. */
  readonly key?: string;
}

const BY_NAME: ReadonlyMap<string, FieldMatch> = indexNames();

function indexNames(): Map<string, FieldMatch> {
  const index = new Map<string, FieldMatch>();
  for (const field of FIELDS) {
    for (const name of [field.name, ...field.aliases]) index.set(name, { field, misnomer: false });
    for (const name of field.misnomers) index.set(name, { field, misnomer: true });
  }
  return index;
}

const KEYED: readonly Field[] = FIELDS.filter((field) => field.type === 'json' && field.keyed === true);

/**
 * Finds a field by its name, alias or misnomer (case-sensitive), optionally followed by a key; returns undefined if
 * there is none.
 */
export function findField(name: string): FieldMatch | undefined {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  const field = KEYED.find((one) => name.length > one.name.length + 1 && name.startsWith(`${one.name}.`));
  return field === undefined ? undefined : { field, misnomer: false, key: name.slice(field.name.length + 1) };
}

/** Returns the JSON path for an argument in brackets after a field. */
export function pathOfArgument(field: Field, argument: string): string {
  return field.type === 'json' && field.keyed === true ? argument.replace(/[^\w-]/gu, '\\$&') : argument;
}

/** All names that {@link findField} finds, for "did you mean". */
export function fieldNames(): Iterable<string> {
  return BY_NAME.keys();
}
