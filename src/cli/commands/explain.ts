import type { Command } from '../command.js';
import { limitOption, type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { POLICY_OPTION } from '../policy-option.js';
import { TIME_OPTIONS } from '../record-options.js';

const OPTIONS: OptionTable = {
  rule: { letter: 'r', value: 'RULE', description: 'The rule, by its name' },
  policy: POLICY_OPTION,
  misses: {
    letter: 'm',
    value: 'N',
    count: true,
    description: 'Show the N records that come nearest to the rule without matching it, instead of those that match',
  },
  ...limitOption('hits', '10'),
  ...TIME_OPTIONS,
  all: { letter: 'a', description: 'Show also the alternatives that do not hold beside one that does' },
  json: { description: 'Print a JSON object for each hit or miss, one a line' },
};

/** `sfprocessor explain`: shows why a rule matches or misses records of traces. */
export const explainCommand: Command = {
  name: 'explain',
  usage: '--rule RULE [-p POLICY]… [--misses N] [--since TIME] [--until TIME] TRACE…',
  summary: 'Show for each record that a rule matches, or nearly matches, the terms of its condition with their values',
  options: OPTIONS,
  words: 'files',
  async run(args, io) {
    const options = readOptions(explainCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.values.get('rule') === undefined) return usageProblem(explainCommand, 'no --rule is given', io);
    if (options.words.length === 0) return usageProblem(explainCommand, 'no trace is given', io);
    return (await import('./run-explain.js')).runExplain(explainCommand, options, io);
  },
};
