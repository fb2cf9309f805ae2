import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fuzzer } from '../../bench/fuzz/fuzzer.js';
import { makeSamples } from '../../bench/fuzz/samples.js';
import { projectRoot } from '../house/support/project.js';

test('broken files and packets neither throw nor hang (npm run fuzz is the long run)', async () => {
  const fuzzer = new Fuzzer(await makeSamples(join(projectRoot, 'resources/traces')), 2, () => performance.now());
  for (let run = 0; run < 2000; run++) await fuzzer.run(run);
  const { counts, records, slowest } = fuzzer.report;
  assert.ok(slowest.milliseconds < 2000, `run ${slowest.run} took ${slowest.milliseconds} ms`);
  assert.ok(records > 1000, 'good parts of broken files are read');
  // Every way of being broken was met.
  for (const what of ['refused: broken-header', 'refused: bad-schema', 'damage: record', 'damage: inflate']) {
    assert.ok(counts.has(what), what);
  }
});
