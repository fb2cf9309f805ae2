import { nearestName } from '../../diagnostics/nearest.js';
import type { Field } from '../../fields/field.js';
import { FIELDS, fieldNames } from '../../fields/table.js';
import { RECORD_KIND_COUNT, RECORD_TYPE_CODES } from '../../sysflow/record-types.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { textTable } from '../text-table.js';

const OPTIONS: OptionTable = {
  json: { description: 'Print the table as JSON, with everything that is known of each attribute' },
};

/** `sfprocessor fields`: prints the table of attributes. */
export const fieldsCommand: Command = {
  name: 'fields',
  usage: '[--json] [PATTERN]',
  summary: 'List the attributes of rules and outputs, all of them or those whose names match',
  options: OPTIONS,
  run: async (args, io) => {
    const options = readOptions(fieldsCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length > 1) return usageProblem(fieldsCommand, 'more than one pattern', io);
    return printFields(options.words[0] ?? '', options.flags.has('json'), io);
  },
};

function printFields(pattern: string, json: boolean, io: CommandIo): number {
  const found = FIELDS.filter((field) => namesOf(field).some((name) => matches(name, pattern)));
  if (found.length === 0) {
    const nearest = nearestName(pattern, fieldNames());
    const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
    io.err(`no attribute matches '${pattern}'${hint}\n`);
    return 1;
  }
  if (json) io.out(`${JSON.stringify(found.map(toJson), null, 2)}\n`);
  else io.print(found.length === 1 ? details(found[0]!) : table(found));
  return 0;
}

function namesOf(field: Field): string[] {
  return [field.name, ...field.aliases, ...field.misnomers];
}

/** Whether a name contains the pattern, or matches it entirely if it contains `*` as a wildcard; case-insensitive. */
function matches(name: string, pattern: string): boolean {
  const text = name.toLowerCase();
  const [first, ...rest] = pattern.toLowerCase().split('*');
  if (rest.length === 0) return text.includes(first!);
  const last = rest.pop()!;
  if (!text.startsWith(first!) || !text.endsWith(last) || text.length < first!.length + last.length) return false;
  let at = first!.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** Returns the types of record that have the field: `PE`, `FF`, … */
export function recordTypesOf(field: Field): string[] {
  const types: string[] = [];
  for (let kind = 0; kind < RECORD_KIND_COUNT; kind++) {
    if ((field.kinds & (1 << kind)) !== 0) types.push(RECORD_TYPE_CODES[kind]!);
  }
  return types;
}

/** Returns the type in the words that users see. */
export function typeOf(field: Field): string {
  return field.networks === true ? 'networks' : field.type;
}

function table(fields: readonly Field[]): string {
  return textTable(fields.map((field) => [field.name, typeOf(field), field.description]));
}

function details(field: Field): string {
  const rows: [string, string][] = [
    ['type', typeOf(field)],
    ['records', recordTypesOf(field).join(' ')],
    ['in outputs', field.exported ? 'yes' : 'no, in rules only'],
  ];
  if (field.aliases.length > 0) rows.push(['also', field.aliases.join(', ')]);
  if (field.misnomers.length > 0) rows.push(['taken for it', `${field.misnomers.join(', ')} (with a warning)`]);
  return `${field.name}: ${field.description}\n${rows.map(([key, value]) => `  ${key.padEnd(12)} ${value}\n`).join('')}`;
}

function toJson(field: Field): object {
  const { name, section, dependsOn, exported, aliases, misnomers, description } = field;
  const records = recordTypesOf(field);
  return { name, type: typeOf(field), section, dependsOn, records, exported, aliases, misnomers, description };
}
