import { printable } from '../../diagnostics/format.js';
import { nearestName } from '../../diagnostics/nearest.js';
import type { Command, CommandTable } from '../command.js';
import { readOptions, usageProblem } from '../option-table.js';
import { usageText } from '../usage.js';

/** `sfprocessor help`: prints the usage text, or the help of a command. */
export function helpCommand(commands: CommandTable): Command {
  const command: Command = {
    name: 'help',
    usage: '[COMMAND]',
    summary: 'Show how the program or one of its commands is used',
    options: {},
    words: [...commands.keys()],
    async run(args, io) {
      const options = readOptions(command, args, io);
      if (typeof options === 'number') return options;
      const [name, ...more] = options.words;
      if (more.length > 0) return usageProblem(command, 'more than one command', io);
      if (name === undefined) {
        io.out(await usageText(commands));
        return 0;
      }
      const load = commands.get(name);
      if (load !== undefined) return (await load()).run(['--help'], io);
      const near = nearestName(name, commands.keys());
      const hint = near === undefined ? '' : `; did you mean '${near}'?`;
      return usageProblem(command, `unknown command '${printable(name)}'${hint}`, io);
    },
  };
  return command;
}
