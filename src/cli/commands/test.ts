import type { Command } from '../command.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';

const OPTIONS: OptionTable = {
  update: { letter: 'u', description: 'Rewrite in the files what is expected to what happened; comments stay' },
  junit: { value: 'FILE', description: "Write the results also as JUnit's XML" },
  name: { value: 'TEXT', description: 'Run only the tests whose names contain the text' },
  schema: { description: 'Print the JSON Schema of the files, for editors' },
};

/** `sfprocessor test`: runs unit tests of rules. */
export const testCommand: Command = {
  name: 'test',
  usage: '[--update] [--junit FILE] FILE…',
  summary: 'Run unit tests of rules, from files or from the .test.yaml files of folders',
  options: OPTIONS,
  words: 'files',
  async run(args, io) {
    const options = readOptions(testCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length === 0 && !options.flags.has('schema')) {
      return usageProblem(testCommand, 'no file of tests is given', io);
    }
    return (await import('./run-test.js')).runTest(options, io);
  },
};
