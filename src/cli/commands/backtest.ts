import type { Command } from '../command.js';
import { limitOption, type OptionTable, readOptions, usageProblem } from '../option-table.js';

const OPTIONS: OptionTable = {
  ...limitOption('alerts that differ', '20, with --json all'),
  json: { description: 'Print a JSON object for each alert that differs and one for the summary, one a line' },
};

/** `sfprocessor backtest`: shows how a change of rules affects alerts. Its exit status follows `diff`. */
export const backtestCommand: Command = {
  name: 'backtest',
  usage: '[--json] OLD NEW TRACE…',
  summary:
    'Compare the alerts of two policies on traces: 0 where they are the same, 1 where not, 3 where that is not known',
  options: OPTIONS,
  words: 'files',
  async run(args, io) {
    const options = readOptions(backtestCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length < 3) {
      return usageProblem(backtestCommand, 'an old policy, a new one and a trace are needed', io);
    }
    return (await import('./run-backtest.js')).runBacktest(options, io);
  },
};
