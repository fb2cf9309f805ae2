import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alertCommand } from '../../src/cli/commands/alert.js';
import { explainCommand } from '../../src/cli/commands/explain.js';
import { fieldsCommand } from '../../src/cli/commands/fields.js';
import { inspectCommand } from '../../src/cli/commands/inspect.js';
import { printCommand } from '../../src/cli/commands/print.js';
import { testCommand } from '../../src/cli/commands/test.js';
import { validateCommand } from '../../src/cli/commands/validate.js';
import { temporaryFiles, traceOfYaml } from '../support/rule-tests.js';
import { RecordingIo } from './support/io.js';

const HOSTILE = '\x1b[2J\r\x9b\u202e';
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

test('messages reached the terminal as they were: exceptions of actions, names of files, arguments, policies', async (t) => {
  const path = await temporaryFiles(t, {
    'policy.yaml': '- rule: R\n  desc: d\n  condition: sf.proc.name = sh\n  actions: [throws]\n',
    'odd.yaml': `- rule: "\\e[2J"\n  desc: d\n  condition: sf.proc.name = '\x1b[2J' and sf.proc.nmae = \x1b\u202e and (\n  x\x9b: 1\n`,
    'throws.mjs': `export default { apiVersion: 1, kind: 'action', summary: 's', options: {}, name: 'throws', run() { throw new Error(${JSON.stringify(`${HOSTILE}\nforged`)}); } };`,
    'breaks.mjs': `throw new Error(${JSON.stringify(HOSTILE)});`,
    'trace.sf': await traceOfYaml('events:\n  - { process: /bin/sh, ops: EXEC }\n'),
    [`${HOSTILE}.txt`]: 'no trace',
    [`${HOSTILE}.yaml`]: ': [',
  });
  const runs = [
    [alertCommand, '-p', path('policy.yaml'), '--actiondir', path(''), path('trace.sf'), path(`${HOSTILE}.txt`)],
    [alertCommand, '-p', path(`${HOSTILE}.yaml`), path(HOSTILE)],
    [alertCommand, `--${HOSTILE}`],
    [alertCommand, '-f', HOSTILE, 'x'],
    [explainCommand, '-r', HOSTILE, '-p', path('policy.yaml'), path('trace.sf')],
    [fieldsCommand, HOSTILE],
    [inspectCommand, path(HOSTILE)],
    [printCommand, '--type', HOSTILE, path('trace.sf')],
    [printCommand, path(HOSTILE)],
    [testCommand, path(`${HOSTILE}.yaml`)],
    [validateCommand, path('odd.yaml'), path(`${HOSTILE}.yaml`), path(HOSTILE)],
  ] as const;
  for (const [command, ...args] of runs) {
    const io = new RecordingIo();
    await command.run(args, io);
    assert.match(io.stdout + io.stderr, /u001b|x1b/, command.name);
    assert.doesNotMatch(io.stdout + io.stderr, UNSAFE, command.name);
  }
});

test('a message of several lines is one line, so that it can forge none', async (t) => {
  const path = await temporaryFiles(t, {
    'policy.yaml': '- rule: R\n  desc: d\n  condition: sf.proc.name = sh\n  actions: [throws]\n',
    'throws.mjs':
      "export default { apiVersion: 1, kind: 'action', summary: 's', options: {}, name: 'throws', run() { throw new Error('x\\n0 records in 1 trace: 0 alerts'); } };",
    'trace.sf': await traceOfYaml('events:\n  - { process: /bin/sh, ops: EXEC }\n'),
  });
  const io = new RecordingIo();
  await alertCommand.run(['-p', path('policy.yaml'), '--actiondir', path(''), path('trace.sf')], io);
  assert.deepEqual(io.stderr.trimEnd().split('\n'), [
    "action 'throws' of rule 'R' failed: x\\u000a0 records in 1 trace: 0 alerts",
    '1 record in 1 trace: 1 alert',
    '  LOW     1  R',
  ]);
});
