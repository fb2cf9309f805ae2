/** Completion as the shells themselves do it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands.js';
import { run } from './support/program.js';
import { NO_TERMINAL, TerminalRun } from './support/terminal.js';

const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-completion-'));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, 'traces'));
for (const shell of ['bash', 'zsh', 'fish']) {
  const { code, stdout, stderr } = await run(['completion', shell]);
  assert.equal(code, 0, stderr);
  await writeFile(join(folder, shell), stdout);
}

/** Why a shell cannot be run here, or false. */
function missing(shell: string): string | false {
  return spawnSync(shell, ['--version']).error === undefined ? false : `${shell} is not installed`;
}

/** What is to be completed, the last word, and all that is proposed for it. */
const CASES: readonly (readonly [line: string, proposals: readonly string[]])[] = [
  ['sfprocessor al', ['alert']],
  ['sfprocessor alert --pri', ['--priority']],
  ['sfprocessor alert --priority ', ['high', 'low', 'medium']],
  ['sfprocessor print --format c', ['csv']],
  ['sfprocessor help ba', ['backtest']],
  ['sfprocessor help ', [...COMMANDS.keys()].sort()],
  ['sfprocessor completion ', ['bash', 'fish', 'zsh']],
  ['sfprocessor -mem', ['-memprofile']],
  ['sfprocessor -strict -log w', ['warn']],
];

test('bash completes commands, options and values', { skip: missing('bash') }, () => {
  const complete = (...words: string[]): string[] => {
    const script = `source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sfprocessor; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, '-', ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .sort();
  };
  for (const [line, proposals] of CASES) assert.deepEqual(complete(...line.split(' ')), proposals, line);
  assert.deepEqual(complete('sfprocessor', 'alert', '--format', '=', 'j'), ['json']);
  assert.deepEqual(complete('sfprocessor', 'alert', '--format', '='), ['csv', 'ecs', 'json', 'text']);
  // File names are proposed by bash itself where nothing else is.
  assert.deepEqual(complete('sfprocessor', 'alert', '--policy', ''), []);
  const { stdout } = spawnSync('bash', ['--norc', '-c', 'source ./bash; complete -p sfprocessor'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(stdout, 'complete -o default -F _sfprocessor sfprocessor\n');
});

test('fish completes commands, options and values', { skip: missing('fish') }, () => {
  const complete = (line: string): string[] => {
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    assert.equal(stderr, '');
    return stdout
      .split('\n')
      .map((proposal) => proposal.split('\t', 1)[0]!)
      .filter((proposal) => proposal !== '')
      .sort();
  };
  for (const [line, proposals] of CASES) assert.deepEqual(complete(line), proposals, line);
  assert.deepEqual(complete('sfprocessor alert --format=j'), ['--format=json']);
  assert.deepEqual(complete('sfprocessor alert tr'), ['traces/']);
  assert.deepEqual(complete('sfprocessor help tr'), []);
});

test('zsh completes commands, options and values', { skip: missing('zsh') || NO_TERMINAL }, async () => {
  const terminal = new TerminalRun('zsh -f -i', folder);
  terminal.type('autoload -U compinit; compinit -D -u; source ./zsh; sfprocessor() { echo got:$*: }; PS1=rea""dy:\r');
  for (const [keys, completed] of [
    ['sfprocessor al\t', 'alert'],
    ['sfprocessor alert --pri\thi\t tra\t', 'alert --priority=high traces'],
    ['sfprocessor print --format=c\t', 'print --format=csv'],
    ['sfprocessor help ba\t', 'help backtest'],
    ['sfprocessor completion f\t', 'completion fish'],
    ['sfprocessor -mem\tf -log w\t', '-memprofile f -log warn'],
  ]) {
    // Keys are completed once the line editor shows its prompt.
    await terminal.until(/ready:/);
    terminal.output = '';
    terminal.type(`${keys}\r`);
    await terminal.until(/got:.*:\r/);
    assert.equal(/got:(.*):\r/.exec(terminal.output)![1], completed);
  }
  terminal.type('exit\r');
  assert.equal(await terminal.end(), 0);
});

test('a shell that is not known is told with those that are', async () => {
  const { code, stderr } = await run(['completion', 'tcsh']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^unknown shell 'tcsh'; the shells are bash, zsh, fish\nusage: sfprocessor completion bash\|zsh\|fish\n/,
  );
});
