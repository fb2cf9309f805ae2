import type { Command } from '../command.js';
import { readOptions, usageProblem } from '../option-table.js';
import { versionLine } from '../version.js';

/** `sfprocessor version`: prints the same line as `-version`. */
export const versionCommand: Command = {
  name: 'version',
  usage: '',
  summary: 'Print the version of the program and of its formats',
  options: {},
  async run(args, io) {
    const options = readOptions(versionCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length > 0) return usageProblem(versionCommand, 'it takes no arguments', io);
    io.out(`${versionLine()}\n`);
    return 0;
  },
};
