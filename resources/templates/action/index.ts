import type { ActionComponent } from 'sfprocessor';

/** An action that tags alerts with the directory of the program. */
const action: ActionComponent & { readonly apiVersion: 1 } = {
  apiVersion: 1,
  kind: 'action',
  name: '{{name}}',
  summary: 'Tags alerts with the directory of the program',
  options: {},
  // It runs between two records, so it should take microseconds. The record is valid during the call only.
  run({ process }, _rule, context) {
    const exe = process?.exe ?? '';
    context.addTag(`directory:${exe.slice(0, exe.lastIndexOf('/')) || '/'}`);
  },
};

export default action;
