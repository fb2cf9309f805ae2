/**
 * The one table of attributes. The JSON output, the policy language, the documentation and completion all come from it.
 */
import { CONTAINER_FIELDS } from './container-fields.js';
import { FALCO_FIELDS } from './falco-fields.js';
import type { Field } from './field.js';
import { FILE_FIELDS } from './file-fields.js';
import { PROCESS_FIELDS } from './process-fields.js';
import { RECORD_FIELDS } from './record-fields.js';

/** Every attribute, by section and in a reader's order. */
export const FIELDS: readonly Field[] = [
  ...RECORD_FIELDS,
  ...PROCESS_FIELDS,
  ...FILE_FIELDS,
  ...CONTAINER_FIELDS,
  ...FALCO_FIELDS,
];

/** A field as found under a name. */
export interface FieldMatch {
  readonly field: Field;
  /** Whether the name is one that is taken for the field with a warning. */
  readonly misnomer: boolean;
  /** The key that stands behind the name, where the field takes one. */
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

/** The field of a name, an alias or a misnomer (case counts), or of a name with a key behind it; or undefined. */
export function findField(name: string): FieldMatch | undefined {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  const field = KEYED.find((one) => name.length > one.name.length + 1 && name.startsWith(`${one.name}.`));
  return field === undefined ? undefined : { field, misnomer: false, key: name.slice(field.name.length + 1) };
}

/** The JSON path that an argument in brackets behind a field means. */
export function pathOfArgument(field: Field, argument: string): string {
  return field.type === 'json' && field.keyed === true ? argument.replace(/[^\w-]/gu, '\\$&') : argument;
}

/** Every name that {@link findField} knows, for "did you mean". */
export function fieldNames(): Iterable<string> {
  return BY_NAME.keys();
}
