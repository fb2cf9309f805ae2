import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { generateRules } from '../../bench/generated-rules.js';
import { measure, median } from '../../bench/measure.js';
import { parseOptions } from '../../bench/options.js';
import type { Figures, RowResult } from '../../bench/run-row.js';
import { ROW, targetsOf, WITHOUT_ACCELERATION } from '../../bench/targets.js';

test('generated policies have so many rules, all of one kind each, always the same', () => {
  const text = generateRules(1000);
  const names = [...text.matchAll(/^- rule: (.*)$/gm)].map((match) => match[1]);
  assert.equal(new Set(names).size, 1000);
  assert.equal(text, generateRules(1000));
  const conditions = [...text.matchAll(/^ {2}condition: (.*)$/gm)].map((match) => match[1]);
  assert.ok(new Set(conditions).size > 950, 'hardly two conditions are the same');
});

test('a run is measured: time, first output, CPU and memory where the system tells', async () => {
  const script = 'const b = Buffer.alloc(64e6, 1); setTimeout(() => console.log("x"), 200); setTimeout(() => b, 300);';
  const one = await measure(process.execPath, ['-e', script], tmpdir());
  assert.equal(one.output, 'x\n');
  assert.ok(one.firstOutput! >= 0.2 && one.firstOutput! <= one.wall);
  if (process.platform !== 'linux') return;
  assert.ok(one.memory! > 60, `${one.memory} MiB`);
  assert.ok(one.cpu! > 0);
});

test('a program that fails is told with what it said', async () => {
  await assert.rejects(measure(process.execPath, ['-e', 'throw new Error("why")'], tmpdir()), /exit status 1.*why/s);
});

test('medians', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, null, 2]), 2);
  assert.equal(median([1, 2]), 1.5);
  assert.equal(median([null]), null);
});

test('options are checked', () => {
  assert.equal(parseOptions(['--help']), null);
  assert.match(parseOptions(['--runs', 'x']) as string, /number/);
  assert.match(parseOptions(['--fast']) as string, /fast/);
  const options = parseOptions(['--runs', '2', '--only', 'a', '--only', 'b']);
  assert.ok(typeof options === 'object' && options !== null);
  assert.deepEqual([options.runs, options.copies, options.only], [2, 12, ['a', 'b']]);
});

test('variables of a row reach the program that is measured, and others do not', async () => {
  const script = 'console.log(process.env.SFPROCESSOR_ACCEL, process.env.NODE_OPTIONS)';
  const one = await measure(process.execPath, ['-e', script], tmpdir(), [0], { SFPROCESSOR_ACCEL: 'off' });
  assert.equal(one.output, 'off undefined\n');
});

test('each target tells whether it is met, and nothing of what was not measured', () => {
  const figures = (cpu: number): Figures => ({ perSecond: 1, wall: 1, cpu, memory: 100, bytes: null, runs: [1] });
  const streams: RowResult = { name: ROW.serialStreams, ours: figures(1), rivals: [], grown: 33, failure: null };
  const plain = { name: WITHOUT_ACCELERATION, figures: figures(3), ratio: 1 };
  const alert: RowResult = { name: ROW.alert, ours: figures(2), rivals: [plain], failure: null };
  const targets = targetsOf([streams, alert], null);
  const measured = targets.filter(({ met }) => met !== null);
  assert.deepEqual(
    measured.map(({ name, value, unit, met }) => [name, value, unit, met]),
    [
      ['alert, ttps.yaml: CPU without acceleration against with', 1.5, '×', true],
      ['500 streams, one after another: growth of memory', 33, 'MiB', false],
      ['peak memory of any row', 100, 'MiB', true],
    ],
  );
  assert.ok(targets.every(({ value, met }) => (value === null) === (met === null)));
});
