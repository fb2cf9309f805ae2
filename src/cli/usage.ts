import type { CommandTable } from './command.js';
import { FLAGS } from './flags.js';
import { textTable } from './text-table.js';

/** Returns the usage text: invocation, flags and subcommands. */
export async function usageText(table: CommandTable): Promise<string> {
  const flags = FLAGS.map(({ name, type, default: value, description }) => [
    `  -${name}${type === 'text' ? ' VALUE' : ''}`,
    value === '' || type === 'switch' ? description : `${description} (default ${value})`,
  ]);
  const commands = await Promise.all([...table.values()].map((load) => load()));
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return [
    'Usage: sfprocessor [flags] PATH     run the pipeline on a trace or a folder of traces',
    '       sfprocessor COMMAND …        one of the commands below',
    '       sfprocessor -test [flags]    check the pipeline file and the rules',
    '       sfprocessor -version',
    '',
    'Flags:',
    textTable(flags),
    'Commands (for more: sfprocessor help COMMAND):',
    textTable(rows),
  ].join('\n');
}
