import type { CommandIo } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { usageText } from '../../src/cli/usage.js';
import { EXIT_STATUSES } from './exit-statuses.js';
import { block, NOTICE, page, tableOf } from './markdown.js';

/** The command line: flags of the processor, and the help of each subcommand. */
export async function commandsPage(): Promise<string> {
  const parts = [
    '# Command line',
    NOTICE,
    'Flags are those of the original, in the manner of Go: `-x VALUE`, `-x=VALUE`, `--x VALUE`; a switch is `-x` or `-x=false`; what follows the ' +
      'first word that is no flag is not read as one. A first word that names a command runs that instead.',
    block(await usageText(COMMANDS)),
    '## Exit status',
    tableOf(['status', 'meaning'], EXIT_STATUSES),
    'A damaged trace is not wrong for what works on its records: the pipeline, `alert`, `explain` and `backtest` tell what is lost and ' +
      'go on with the rest, and the status is 0. `inspect` and `print`, which show the trace itself, end with 1.',
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
  const out = (piece: string): void => {
    text += piece;
  };
  await run(['-h'], { out, err: out, color: false });
  return text;
}
