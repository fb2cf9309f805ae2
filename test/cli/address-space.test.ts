import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressSpace } from '../../src/cli/address-space.js';
import { projectRoot } from '../house/support/project.js';
import { enrichPipeline } from './support/program.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-space-'));
after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'pipeline.json');
writeFileSync(config, enrichPipeline());
const traces = join(projectRoot, 'resources/traces');
const PROGRAM = join(projectRoot, 'bin/sfprocessor.js');

/** What the limits of a process say of its address space. */
const limits = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax cpu time              unlimited            unlimited            seconds   \nMax address space         ${soft.padEnd(20)} unlimited            bytes     \n`;

const CASES: readonly [soft: string, accelerated: number][] = [
  ['unlimited', 8],
  ['1600000000', 0],
  ['12900000000', 0],
  ['13000000000', 1],
  ['24000000000', 2],
];

for (const [soft, accelerated] of CASES) {
  test(`an address space of ${soft} has room for ${accelerated} memories of WebAssembly`, () => {
    assert.deepEqual(
      addressSpace(() => limits(soft)),
      { problem: null, accelerated },
    );
  });
}

test('where no limit is told there is none', () => {
  for (const text of [null, '', 'Max address space\n']) assert.equal(addressSpace(() => text).accelerated, 8);
});

/** Runs the program in an address space of so many kilobytes. */
function runLimited(
  kilobytes: number,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const shell = ['-c', `ulimit -v ${kilobytes} && exec "$0" "$@"`, process.execPath, PROGRAM, ...args];
  return spawnSync('/bin/sh', shell, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

const LINUX = { skip: process.platform === 'linux' ? false : 'only Linux holds the limit' };
const COMMANDS: readonly (readonly string[])[] = [
  ['-version'],
  ['-test', '-config', config],
  ['-config', config, '-log', 'quiet', traces],
  ['alert', '--quiet', join(traces, 'web-attack.sf')],
  ['print', '--limit', '5', join(traces, 'web-attack.sf')],
  ['validate', join(projectRoot, 'resources/policies')],
  ['fields', 'sf.ret'],
];

test('every command ran out of addresses at its start: now it gives the same in 2 GB and 12 GB', LINUX, () => {
  for (const args of COMMANDS) {
    const all = execFileSync(process.execPath, [PROGRAM, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for (const kilobytes of [2_000_000, 12_000_000]) {
      const { status, stdout, stderr } = runLimited(kilobytes, args);
      assert.equal(status, 0, `${args.join(' ')} in ${kilobytes} kB: ${stderr}`);
      assert.ok(stdout === all, `${args.join(' ')} in ${kilobytes} kB gives something else`);
    }
  }
});

test('too little is told in a sentence', LINUX, () => {
  for (const args of [
    ['alert', traces],
    ['-config', config, traces],
  ]) {
    const { status, stdout, stderr } = runLimited(1_300_000, args);
    assert.equal(status, 3);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'sfprocessor: the address space is limited to 1.3 GB and 1.5 GB are needed; raise the limit (ulimit -v 2000000)\n',
    );
  }
});
