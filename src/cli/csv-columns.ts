/** Columns of `--format csv`. */
import { nearestName } from '../diagnostics/nearest.js';
import { attributeColumn, type CsvColumn } from '../exporter/encoders/csv.js';
import { terminalText } from '../exporter/encoders/terminal-text.js';
import { fieldNames, findField } from '../fields/table.js';
import type { OptionTable } from './option-table.js';

export const FIELDS_OPTION: OptionTable = {
  fields: {
    value: 'NAME,…',
    description:
      'The columns of --format csv: attributes (see sfprocessor fields); of alerts also priority, rules and tags',
  },
};

/** Default columns of records and of alerts. */
export const RECORD_COLUMNS =
  'sf.ts,sf.type,sf.proc.pid,sf.proc.exe,sf.proc.args,sf.proc.user,sf.opflags,sf.ret,sf.file.path,sf.net.dip,sf.net.dport,sf.container.id';
export const ALERT_COLUMN_NAMES: string = `priority,rules,tags,${RECORD_COLUMNS}`;

/**
 * Parses a list of column names.
 *
 * @param own columns other than attributes
 * @returns a message if a name is unknown
 */
export function csvColumns(names: string, own: readonly CsvColumn[]): CsvColumn[] | string {
  const columns: CsvColumn[] = [];
  for (const name of names.split(',')) {
    const column = own.find((candidate) => candidate.name === name) ?? attributeColumn(name);
    if (column === undefined) return unknownColumn(name, own);
    columns.push(column);
  }
  return columns;
}

function unknownColumn(name: string, own: readonly CsvColumn[]): string {
  const near = nearestName(name, [...own.map((column) => column.name), ...fieldNames()]);
  // Map a misnomer to the name of its attribute.
  const meant = near === undefined ? undefined : (findField(near)?.field.name ?? near);
  const hint = meant === undefined ? '; sfprocessor fields lists them' : `; did you mean '${meant}'?`;
  return `--fields: unknown attribute '${terminalText(name)}'${hint}`;
}
