import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BUILT_IN } from '../../src/components/builtins.js';
import { loadPipeline } from '../../src/config/load.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { projectRoot } from '../house/support/project.js';

const FOLDER = join(projectRoot, 'resources/pipelines');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

test('pipelines ship with the program', () => assert.ok(names.includes('activity.json') && names.length >= 4));

for (const name of names) {
  test(`${name} loads without a word`, async () => {
    const diagnostics = new Diagnostics();
    const tree = await loadPipeline(
      join(FOLDER, name),
      { components: BUILT_IN, environment: {}, driver: null },
      diagnostics,
    );
    assert.deepEqual(diagnostics.items, []);
    assert.equal(tree!.drivers.length, 1);
  });
}
