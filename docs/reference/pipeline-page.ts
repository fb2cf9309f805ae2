import { BUILT_IN } from '../../src/components/builtins.js';
import type { Option, StanzaSchema } from '../../src/components/options.js';
import { PLANNED_CHANNEL } from '../../src/config/channels.js';
import { code, NOTICE, page, tableOf } from './markdown.js';

const MILLISECONDS: readonly (readonly [unit: string, length: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

const PLUGINS =
  'An array of modules that are loaded before the rest of the file is read: paths that begin with `./`, `../` or `/` and lead to a module ' +
  'or to a folder with a `package.json`, relative to the file; or names of packages, in a `node_modules` folder beside the file or above it. ' +
  'What they export is used by its name as what is built in, with its options and its variables of the environment. The name of a ' +
  'component is found without regard to case; in variables, `-` and `.` in it are `_`.';

/** The pipeline file: every key of every stanza, and the variables that override them. */
export function pipelinePage(): string {
  const parts = [
    '# Pipeline file',
    NOTICE,
    '`{"pipeline": [STANZA, …], "drivers": [STANZA, …], "plugins": [NAME, …]}`. Values are strings, numbers or booleans. `_comment` is allowed everywhere. ' +
      'An environment variable `PROCESSOR_KEY`, with `_` for the dots of the key and without regard to case, wins over the file and applies to ' +
      'every stanza of that processor: `EXPORTER_FILE_PATH=alerts.json`.',
    'Editors complete and check the file by its JSON Schema, `resources/schemas/pipeline.schema.json` of the package: name its path under ' +
      'the key `$schema` of the file, or in the settings of the editor.',
    '## Every stanza of the pipeline',
    tableOf(
      ['key', 'what'],
      [
        [code('processor'), `${[...BUILT_IN.processors.keys()].map(code).join(', ')}.`],
        [
          code('in'),
          `What it reads, as ${code('NAME TYPE')}, or an array of them. The types are ${[...BUILT_IN.channelTypes, PLANNED_CHANNEL].map(code).join(', ')}.`,
        ],
        [
          code('out'),
          'What it writes, likewise; with several, each receiver gets every record. One whose output stops holds back the others when they are 17 batches of up to 1,024 records ahead of it, until it goes on; one whose output has failed, or whose `queue.overflow` drops records, does not.',
        ],
      ],
    ),
  ];
  for (const [name, { component, schema }] of BUILT_IN.processors) {
    const { in: input, out } = component;
    const writes = out === null ? '' : ` and writes ${code(out)}`;
    parts.push(`## ${name}`, `Reads ${code(input)}${writes}.`, keyTable(schema));
  }
  parts.push('## drivers', keyTable(BUILT_IN.driverSchema), '## plugins', PLUGINS);
  return page(parts);
}

function keyTable(schema: StanzaSchema): string {
  return tableOf(
    ['key', 'values', 'default', 'what'],
    Object.entries(schema).map(([key, option]) => [code(key), valuesOf(option), defaultOf(option), whatOf(option)]),
  );
}

function valuesOf(option: Option): string {
  switch (option.type) {
    case 'text':
      return option.list === true ? 'text, or an array of texts' : 'text';
    case 'texts':
      return 'text, or an array of texts';
    case 'choice':
      return option.choices.map(code).join(', ');
    case 'switch':
      return '`on`, `off`';
    case 'integer':
      return `${option.minimum} to ${option.maximum}`;
    case 'size':
      return 'bytes: `64k`, `5M`, `1G`';
    case 'duration':
      return `time: \`30s\`, \`15m\`, \`24h\`; a plain number is ${option.plain}`;
  }
}

function defaultOf(option: Option): string {
  const value = option.default;
  if (value === null) return '–';
  if (typeof value === 'boolean') return code(value ? 'on' : 'off');
  if (option.type === 'duration' && typeof value === 'number') return code(durationText(value));
  return code(String(value));
}

function durationText(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  // A day reads better as 24h.
  const [unit, length] = MILLISECONDS.slice(milliseconds > 172_800_000 ? 0 : 1).find(
    ([, size]) => milliseconds % size === 0,
  )!;
  return `${milliseconds / length}${unit}`;
}

function whatOf(option: Option): string {
  const parts = [option.description];
  if (option.when !== undefined) parts.push(`With ${code(option.when)}.`);
  if (option.type === 'choice') {
    for (const [word, meant] of Object.entries(option.synonyms ?? {})) parts.push(`${code(word)} is ${code(meant)}.`);
    if (option.fallback !== undefined) {
      parts.push(`Another word is taken for ${code(option.fallback)}, with a warning.`);
    }
    if (option.planned !== undefined) parts.push(`Not supported yet: ${option.planned.map(code).join(', ')}.`);
  }
  if (option.inert !== undefined) parts.push(`Without effect: ${option.inert}.`);
  return parts.join(' ');
}
