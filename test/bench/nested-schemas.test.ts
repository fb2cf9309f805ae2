import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { nestedSchema } from '../../bench/fuzz/nested-schemas.js';
import { type AvroType, parseSchema } from '../../src/sysflow/avro-schema.js';
import { SchemaError } from '../../src/sysflow/errors.js';
import { projectRoot } from '../house/support/project.js';
import { Random } from '../sysflow/support/random.js';

/** How many types are met on all ways through a type; infinite where one leads back. */
function ways(type: AvroType, known: Map<AvroType, number>): number {
  const before = known.get(type);
  if (before !== undefined) return before;
  known.set(type, Number.POSITIVE_INFINITY);
  const inner =
    type.kind === 'record' ? type.fields.map((field) => field.type) : type.kind === 'union' ? type.branches : [];
  const sum = inner.reduce((total, one) => total + ways(one, known), 1);
  known.set(type, sum);
  return sum;
}

test('most schemas are read, and many of them would take for ever to follow', () => {
  let read = 0;
  let endless = 0;
  for (let seed = 0; seed < 300; seed++) {
    const type = parseSchema(nestedSchema(new Random(seed)));
    if (type instanceof SchemaError) continue;
    read++;
    if (ways(type, new Map()) > 1e9) endless++;
  }
  assert.ok(read > 200, `${read} are read`);
  assert.ok(endless > 100, `${endless} are endless`);
});

test('a run that hangs is told with its number', () => {
  const module = pathToFileURL(join(projectRoot, 'dist/bench/fuzz/watchdog.js')).href;
  const script = `
    import { Watchdog } from '${module}';
    const watchdog = new Watchdog('run RUN hangs: --first RUN', 300);
    for (let run = 5; run < 8; run++) {
      watchdog.begin(run);
      const end = Date.now() + 150;
      while (run === 7 || Date.now() < end);
    }`;
  const options = { encoding: 'utf8', timeout: 20_000 } as const;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
  assert.equal(stderr, 'run 7 hangs: --first 7\n');
  assert.equal(signal, 'SIGKILL');
});

test('a program whose runs end is left alone', () => {
  const module = pathToFileURL(join(projectRoot, 'dist/bench/fuzz/watchdog.js')).href;
  const script = `import { Watchdog } from '${module}'; new Watchdog('no', 50).begin(1);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  assert.equal(status, 0);
});
