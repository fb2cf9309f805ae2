import type { Command } from '../command.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { POLICY_OPTION } from '../policy-option.js';

const OPTIONS: OptionTable = {
  policy: POLICY_OPTION,
  format: {
    letter: 'f',
    value: 'FORMAT',
    choices: ['text', 'json', 'ecs'],
    description: 'How alerts are printed: text, json or ecs. Default: text',
  },
  actiondir: {
    value: 'FOLDER',
    description: 'Where the actions are that rules name. Default: those that ship with the program',
  },
  strict: { description: 'Do not start where something in the rules is wrong' },
  quiet: { letter: 'q', description: 'No summary at the end' },
};

/** `sfprocessor alert`: the alerts that rules raise on traces, without a pipeline file. */
export const alertCommand: Command = {
  name: 'alert',
  usage: '[-p POLICY]… [--format text|json|ecs] TRACE…',
  summary: 'Print the alerts that rules raise on traces or folders of traces',
  async run(args, io) {
    const options = readOptions(alertCommand, OPTIONS, args, io);
    if (typeof options === 'number') return options;
    if (options.words.length === 0) return usageProblem(alertCommand, 'no trace is given', io);
    // The work loads what it needs itself, so that other commands do not wait for it.
    return (await import('./run-alert.js')).runAlert(options, io);
  },
};
