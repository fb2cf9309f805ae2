import { recordTypesOf, typeOf } from '../../src/cli/commands/fields.js';
import type { Field, FieldSection } from '../../src/fields/field.js';
import { FIELDS } from '../../src/fields/table.js';
import { code, NOTICE, page, tableOf } from './markdown.js';

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

/** Every attribute, by section. */
export function attributesPage(): string {
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
  const description = field.description.replaceAll('<', '&lt;');
  return [name, typeOf(field), recordTypesOf(field).join(' '), description, also.join(', ')];
}
