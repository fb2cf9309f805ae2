import type { KeyDescription, KeyType } from '../../src/policy/languages/language.js';
import { LANGUAGES } from '../../src/policy/languages/table.js';
import { Priority, type WrittenOperator } from '../../src/policy/model/policy.js';
import { code, NOTICE, page, tableOf } from './markdown.js';

const VALUES: Readonly<Record<KeyType, string>> = {
  name: 'a name',
  text: 'text',
  condition: 'a condition',
  severity: 'a priority',
  names: 'a list of names',
  'record-types': 'a list of record types',
  boolean: '`true`, `false`',
  items: 'a list of values',
  any: 'anything',
};

const OPERATORS: Readonly<Record<WrittenOperator, string>> = {
  '=': 'is equal; `==` is the same. With a list in brackets: to one of its items. With an attribute of networks: lies in the network.',
  '!=': 'is not equal: with an attribute of several values, none of them.',
  '<': 'is less, as 64-bit integers; numbers and times only.',
  '<=': 'is less or equal.',
  '>': 'is greater.',
  '>=': 'is greater or equal.',
  in: 'is equal to one of the items in parentheses, which may be names of lists.',
  startswith: 'starts with the text.',
  endswith: 'ends with the text.',
  contains: 'contains the text.',
  icontains: 'contains the text in whatever case.',
  pmatch: 'contains one of the items in parentheses, which may be names of lists.',
  exists: 'has a value: not the empty text, 0, false or the empty list. Stands before or after the attribute.',
};

/** Policy files: items, keys, operators. */
export async function policiesPage(): Promise<string> {
  const parts = [
    '# Policy files',
    NOTICE,
    'A policy is a YAML file, or a folder of them (`.yaml`, `.yml`; files of rule tests, `.test.yaml` and `.test.yml`, are passed over) that is read with its subfolders, with a list of items. Each file is read once, whatever links lead to it, and a broken link is reported. Macros and lists may be ' +
      'defined anywhere, also after their use and in another file. A file that is no valid YAML is read with the grammar of the original.',
    '## Conditions',
    'Tests of attributes, joined with `and`, `or`, `not` and parentheses; `not` binds to one term, `and` before `or`. A word that names an attribute is that ' +
      'attribute, on either side; a quoted text is always a text, in which `\\"` and `\\\\` are escapes if its quotes are double. A name alone is a macro. An attribute of several values fits where one of them does. Case counts. ' +
      '[Paths](../json-paths.md) lead into attributes that hold JSON, and `proc.aname[2]` is the second ancestor.',
    tableOf(
      ['operator', 'holds where the attribute'],
      Object.entries(OPERATORS).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Languages',
    tableOf(
      ['language', 'files', 'what they hold'],
      LANGUAGES.map(({ name, extensions, summary }) => [code(name), extensions.map(code).join(', '), summary]),
    ),
  ];
  for (const language of LANGUAGES) {
    const { items, priorities } = await language.describe();
    const rows = [...priorities].map(([name, priority]) => [code(name), nameOf(priority)]);
    parts.push('## Priorities', tableOf(['priority', 'counts as'], rows));
    for (const { heading, description, keys } of items) {
      parts.push(`## ${heading}`, description, tableOf(['key', 'value', 'what'], Object.entries(keys).map(keyRow)));
    }
  }
  return page(parts);
}

function nameOf(priority: Priority): string {
  return Object.entries(Priority).find(([, value]) => value === priority)![0];
}

function keyRow([name, key]: [string, KeyDescription]): string[] {
  const required = key.required === true ? ' Required.' : '';
  const ignored = key.ignored === undefined ? '' : ` Without effect, with a warning: ${key.ignored}.`;
  return [code(name), VALUES[key.type], `${key.description}${required}${ignored}`];
}
