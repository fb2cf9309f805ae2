import { recordTypesOf } from '../../src/cli/commands/fields.js';
import { DIAGNOSTIC_CODES } from '../../src/diagnostics/codes.js';
import type { Field, FieldSection } from '../../src/fields/field.js';
import { FIELDS } from '../../src/fields/table.js';

/** A page of the reference, made from the tables that the program itself uses. */
export interface ReferencePage {
  /** File name in docs/reference. */
  readonly file: string;
  readonly text: string;
}

/** All generated pages. */
export function referencePages(): ReferencePage[] {
  return [
    { file: 'attributes.md', text: attributesPage() },
    { file: 'diagnostics.md', text: diagnosticsPage() },
  ];
}

const NOTICE = '<!-- Made by `npm run docs` from the tables of the program; changes here are lost. -->';

const SECTIONS: Readonly<Record<FieldSection, string>> = {
  record: 'Record',
  proc: 'Process',
  pproc: 'Parent process',
  file: 'File',
  net: 'Network',
  flow: 'Flow counters',
  container: 'Container',
  pod: 'Pod',
  ke: 'Kubernetes event',
  node: 'Node',
  meta: 'Trace',
};

function attributesPage(): string {
  const parts = [
    '# Attributes',
    NOTICE,
    'Every attribute that rules can use; those marked † stand in rules only, all others in the JSON output too. On records of a ' +
      'type that does not have an attribute, it has its zero value: empty text, 0, false, the empty list. `sfprocessor fields` ' +
      'prints the same table.',
  ];
  for (const [section, title] of Object.entries(SECTIONS)) {
    const fields = FIELDS.filter((field) => field.section === section);
    parts.push(`## ${title}`, tableOf(['attribute', 'type', 'records', 'what', 'also'], fields.map(attributeRow)));
  }
  return page(parts);
}

function attributeRow(field: Field): string[] {
  const also = field.aliases.map(code);
  if (field.misnomers.length > 0) also.push(`with a warning: ${field.misnomers.map(code).join(', ')}`);
  const name = `${code(field.name)}${field.exported ? '' : ' †'}`;
  return [name, field.type, recordTypesOf(field).join(' '), field.description, also.join(', ')];
}

function diagnosticsPage(): string {
  const rows = Object.entries(DIAGNOSTIC_CODES).map(([name, meaning]) => [code(name), meaning]);
  return page([
    '# Diagnostics',
    NOTICE,
    'What is wrong in a pipeline file, a policy, a flag or an environment variable is told as ' +
      '`FILE:LINE:COLUMN: SEVERITY[CODE]: sentence`. An error keeps the program from starting, or leaves out the rule it ' +
      'stands in; a warning and a note do not.',
    tableOf(['code', 'meaning'], rows),
  ]);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table in Markdown. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function page(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
