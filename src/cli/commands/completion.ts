import { printable } from '../../diagnostics/format.js';
import type { Command, CommandTable } from '../command.js';
import { COMPLETION_SCRIPTS } from '../completion.js';
import { FLAGS } from '../flags.js';
import { readOptions, usageProblem } from '../option-table.js';

const SHELLS: readonly string[] = [...COMPLETION_SCRIPTS.keys()];

/** `sfprocessor completion`: prints a script for the completion of commands and options in a shell. */
export function completionCommand(commands: CommandTable): Command {
  const command: Command = {
    name: 'completion',
    usage: SHELLS.join('|'),
    summary: 'Print a script that makes a shell complete commands, options and their values',
    options: {},
    words: SHELLS,
    async run(args, io) {
      const options = readOptions(command, args, io);
      if (typeof options === 'number') return options;
      const [shell, ...more] = options.words;
      if (shell === undefined || more.length > 0) return usageProblem(command, 'one shell is needed', io);
      const script = COMPLETION_SCRIPTS.get(shell);
      if (script === undefined) {
        return usageProblem(command, `unknown shell '${printable(shell)}'; the shells are ${SHELLS.join(', ')}`, io);
      }
      io.out(script(await Promise.all([...commands.values()].map((load) => load())), FLAGS));
      return 0;
    },
  };
  return command;
}
