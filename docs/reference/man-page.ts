import type { Command } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { FLAGS } from '../../src/cli/flags.js';
import { HELP_OPTION, type TableOption } from '../../src/cli/option-table.js';
import { VERSION } from '../../src/cli/version.js';
import { EXIT_STATUSES } from './exit-statuses.js';

/** The manual page sfprocessor(1), in the macros of man(7). */
export async function manPage(): Promise<string> {
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
  const lines = [
    '.\\" Made by npm run docs from the tables of the program; changes here are lost.',
    `.TH SFPROCESSOR 1 "" "sfprocessor ${roffText(VERSION)}" "User Commands"`,
    '.SH NAME',
    'sfprocessor \\- evaluate rules on SysFlow traces, export alerts or records',
    '.SH SYNOPSIS',
    '.B sfprocessor',
    '[\\fIflags\\fR] \\fIPATH\\fR',
    '.br',
    '.B sfprocessor',
    '\\fICOMMAND\\fR [\\fIarguments\\fR]',
    '.SH DESCRIPTION',
    text('Without a command, the pipeline of the pipeline file runs on a trace or on a folder of traces.'),
    text('Commands do other things with traces and rules.'),
    '.SH FLAGS',
    ...FLAGS.flatMap(({ name, type, default: value, description }) => {
      const preset = value === '' || type === 'switch' ? '' : ` (default ${value})`;
      return [
        '.TP',
        `\\fB\\-${roffText(name)}\\fR${type === 'text' ? ' \\fIVALUE\\fR' : ''}`,
        text(`${description}${preset}`),
      ];
    }),
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...EXIT_STATUSES.flatMap(([status, meaning]) => ['.TP', `\\fB${status}\\fR`, text(meaning)]),
    text(
      'A damaged trace is no failure of the pipeline, alert, explain and backtest; inspect and print then end with 1.',
    ),
    '.SH FILES',
    '.TP',
    '\\fIpipeline.json\\fR',
    'The pipeline file where no other is named.',
    '.SH SEE ALSO',
    text('The documentation of the project: docs/guide.md, docs/rules.md and docs/reference.'),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: Command): string[] {
  const { name, usage, summary, options } = command;
  return [
    `.SS "sfprocessor ${roffText(`${name} ${usage}`.trimEnd())}"`,
    text(`${summary}.`),
    ...Object.entries({ ...options, ...HELP_OPTION }).flatMap(optionLines),
  ];
}

function optionLines([name, { letter, value, description }]: [string, TableOption]): string[] {
  const short = letter === undefined ? '' : `\\fB\\-${letter}\\fR, `;
  return [
    '.TP',
    `${short}\\fB\\-\\-${roffText(name)}\\fR${value === undefined ? '' : ` \\fI${roffText(value)}\\fR`}`,
    text(description),
  ];
}

const LINE_LENGTH = 80;

/** Text in lines: none begins with a dot or an apostrophe, which would make it a request. */
function text(sentence: string): string {
  const lines: string[] = [];
  for (const word of roffText(sentence).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= LINE_LENGTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.replace(/^[.']/, '\\&$&'));
  }
  return lines.join('\n');
}

/** Characters that roff takes for more than text, and those outside of ASCII. */
function roffText(value: string): string {
  return value
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replace(
      /[^\u0000-\u007f]/g,
      (letter) => `\\[u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}
