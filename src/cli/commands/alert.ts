import type { Command } from '../command.js';
import { FIELDS_OPTION } from '../csv-columns.js';
import { limitOption, type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { POLICY_OPTION } from '../policy-option.js';
import { CONTAINER_OPTION, PID_OPTION, TIME_OPTIONS } from '../record-options.js';
import { RULE_OPTIONS } from '../rule-options.js';

const OPTIONS: OptionTable = {
  policy: POLICY_OPTION,
  format: {
    letter: 'f',
    value: 'FORMAT',
    choices: ['text', 'json', 'ecs', 'csv'],
    description: 'How alerts are printed: text, json, ecs or csv. Default: text',
  },
  ...FIELDS_OPTION,
  ...RULE_OPTIONS,
  ...TIME_OPTIONS,
  ...PID_OPTION,
  ...CONTAINER_OPTION,
  ...limitOption('alerts', 'all'),
  actiondir: {
    value: 'FOLDER',
    description: 'Where the actions are that rules name. Default: those that ship with the program',
  },
  strict: { description: 'Do not start where something in the rules is wrong' },
  quiet: { letter: 'q', description: 'No summary at the end' },
};

/** `sfprocessor alert`: prints the alerts that rules raise on traces, without a pipeline file. */
export const alertCommand: Command = {
  name: 'alert',
  usage: '[-p POLICY]… [--format text|json|ecs|csv] [--rule RULE]… [--since TIME] [--limit N] TRACE…',
  summary: 'Print the alerts that rules raise on traces or folders of traces',
  options: OPTIONS,
  words: 'files',
  async run(args, io) {
    const options = readOptions(alertCommand, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length === 0) return usageProblem(alertCommand, 'no trace is given', io);
    // Load the implementation here, so that it does not delay other commands.
    return (await import('./run-alert.js')).runAlert(alertCommand, options, io);
  },
};
