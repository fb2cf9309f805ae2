import type { CommandIo } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { usageText } from '../../src/cli/usage.js';
import { block, NOTICE, page, tableOf } from './markdown.js';

/** The command line: flags of the processor, and the help of each subcommand. */
export async function commandsPage(): Promise<string> {
  const parts = [
    '# Command line',
    NOTICE,
    'Flags are those of the original, in the manner of Go: `-x VALUE`, `-x=VALUE`, `--x VALUE`; a switch is `-x` or `-x=false`; what follows the ' +
      'first word that is no flag is not read as one. A first word that names a command runs that instead.',
    block(await usageText()),
    '## Exit status',
    tableOf(
      ['status', 'meaning'],
      [
        ['0', 'fine'],
        ['1', 'the configuration or the policies are wrong'],
        ['2', 'the arguments are wrong'],
        ['3', 'failed while running: a trace cannot be read, say; the others are'],
        ['130, 143', 'a command was stopped by SIGINT (Ctrl-C) or SIGTERM'],
        ['141', 'whoever read standard output left before all was written'],
      ],
    ),
    'A damaged trace is not wrong for what works on its records: the pipeline, `alert`, `explain` and `backtest` tell what is lost and ' +
      'go on with the rest, and the status is 0. `inspect` and `print`, which show the trace itself, end with 1.',
    'Of a folder, each file is read once, whatever links lead to it. One that is empty, or that is no trace and is not named like ' +
      'one (`.sf`, `.sf.gz`), is passed over with a warning; any other that cannot be read makes the status 3.',
    'The status of `-test` is 1 where a run with the same flags would not start, else 0: errors in policies count only with `-strict`.',
    '`alert`, `explain`, `backtest`, `print` and `inspect` end in order on the first SIGINT or SIGTERM, with the summary of what they have ' +
      'read so far; a second one ends them at once. Where the reader of their output leaves (`| head`), a status that is certain already is ' +
      'kept: that of errors in rules, of differences, of damage, of traces that cannot be read.',
    'Of the commands, `record` ends as the recorded command does (125 where the recording failed, 126 and 127 where there is ' +
      'nothing to run), and `backtest` as `diff`: 0 without a difference, 1 with one, 3 where that is not known.',
  ];
  for (const [name, load] of COMMANDS) {
    const command = await load();
    parts.push(`## sfprocessor ${name}`, block(await helpOf(command.run)));
  }
  return page(parts);
}

/** What a command prints when it is asked for help. */
async function helpOf(run: (args: readonly string[], io: CommandIo) => Promise<number>): Promise<string> {
  let text = '';
  const add = (piece: string | Buffer): undefined => {
    text += piece;
  };
  await run(['-h'], {
    out: add,
    print: add,
    err: add,
    report: () => {},
    color: false,
    note: () => {},
    stopSignal: () => new AbortController().signal,
  });
  return text;
}
