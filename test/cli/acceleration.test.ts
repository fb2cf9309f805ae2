import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from '../house/support/project.js';
import { enrichPipeline } from './support/program.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-accel-'));
after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'pipeline.json');
writeFileSync(config, enrichPipeline());

/** Runs the pipeline on the bundled traces with a value of the switch. */
function runWith(value: string): { status: number | null; stdout: string; stderr: string } {
  const args = [join(projectRoot, 'bin/sfprocessor.js'), '-config', config, '-log', 'quiet'];
  return spawnSync(process.execPath, [...args, join(projectRoot, 'resources/traces')], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, SFPROCESSOR_ACCEL: value },
  });
}

test('the output is the same to the byte with WebAssembly and without', () => {
  const [on, off] = [runWith('on'), runWith('off')];
  assert.deepEqual([on.status, off.status], [0, 0]);
  assert.ok(on.stdout.length > 100_000);
  assert.ok(on.stdout === off.stdout);
});

test('another value of SFPROCESSOR_ACCEL is refused', () => {
  const { status, stderr } = runWith('no');
  assert.deepEqual([status, stderr], [1, "SFPROCESSOR_ACCEL is 'no'; the values are on and off\n"]);
});
