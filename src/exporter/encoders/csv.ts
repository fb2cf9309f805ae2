/**
 * The `csv` format: one line per record, one column per attribute, with the quoting of RFC 4180:
 *
 *     line  = cell { "," cell }
 *     cell  = text | DQUOTE { text | "," | 2DQUOTE } DQUOTE
 *
 * Lines end with a line feed. Control characters are escaped as in text for a terminal, so no cell spans lines. Times are
 * RFC 3339 in UTC, with all nanoseconds; lists are joined by commas. A cell is empty if the record type does not have the
 * attribute, or if a time is 0. Text that a spreadsheet would interpret as a formula, because it starts with `=`, `+`, `-`
 * or `@`, is prefixed with `'`. So is text that starts with `'`, so that the prefix can be removed unambiguously.
 */
import type { Field } from '../../fields/field.js';
import { findField } from '../../fields/table.js';
import type { FlatRecord } from '../../records/flat-record.js';
import { formatInt64 } from '../../sysflow/int64.js';
import type { ByteBuffer } from '../byte-buffer.js';
import type { Encoder } from '../encoder.js';
import { isoTime } from './iso-time.js';
import { terminalText } from './terminal-text.js';

/** A column: its name in the header line, and a function that returns its text for a record. */
export interface CsvColumn {
  readonly name: string;
  readonly read: (record: FlatRecord) => string;
}

const PRIORITY_NAMES: readonly string[] = ['', 'low', 'medium', 'high'];

/** Additional columns of an alert. */
export const ALERT_COLUMNS: readonly CsvColumn[] = [
  {
    name: 'priority',
    read: ({ context }) => PRIORITY_NAMES[Math.max(0, ...(context?.rules ?? []).map((rule) => rule.priority))]!,
  },
  { name: 'rules', read: ({ context }) => safeText((context?.rules ?? []).map((rule) => rule.name).join(',')) },
  {
    name: 'tags',
    read: ({ context }) =>
      safeText(
        [...new Set([...(context?.tags ?? []), ...(context?.rules ?? []).flatMap((rule) => rule.tags)])].join(','),
      ),
  },
];

/** Returns the column of an attribute by its name or alias; undefined if it is unknown. */
export function attributeColumn(name: string): CsvColumn | undefined {
  const match = findField(name);
  return match === undefined || match.misnomer ? undefined : { name, read: (record) => fieldText(match.field, record) };
}

/** Returns the header line, with a line end. */
export function csvHeader(columns: readonly CsvColumn[]): string {
  return `${columns.map(({ name }) => name).join(',')}\n`;
}

const utf8 = new TextEncoder();

export function createCsvEncoder(columns: readonly CsvColumn[]): Encoder {
  return {
    encode(record: FlatRecord, out: ByteBuffer): void {
      out.append(utf8.encode(columns.map(({ read }) => quoted(read(record))).join(',')));
    },
  };
}

function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns an attribute's value as the text of a cell. */
function fieldText(field: Field, record: FlatRecord): string {
  if ((field.kinds & (1 << record.kind)) === 0) return '';
  switch (field.type) {
    case 'string':
    case 'json':
      return safeText(field.read(record));
    case 'int':
      return formatInt64(field.readLow(record), field.readHigh(record));
    case 'time': {
      const [lo, hi] = [field.readLow(record), field.readHigh(record)];
      return lo === 0 && hi === 0 ? '' : isoTime(lo, hi);
    }
    case 'bool':
      return String(field.read(record));
    case 'strings':
      return safeText(field.read(record).join(','));
    case 'ints':
      return field.read(record).join(',');
  }
}

/** Escapes event data for terminals and spreadsheets. */
function safeText(text: string): string {
  const shown = terminalText(text);
  return /^[=+\-@']/.test(shown) ? `'${shown}` : shown;
}
