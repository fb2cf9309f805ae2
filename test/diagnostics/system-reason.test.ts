import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemReason } from '../../src/diagnostics/system-reason.js';

/** What reading a path throws. */
function errorOf(path: string): unknown {
  try {
    readFileSync(path);
  } catch (error) {
    return error;
  }
  return assert.fail('it can be read');
}

test('what the system said, in words, with its code, and without the call of Node', () => {
  assert.equal(systemReason(errorOf('/nowhere')), 'no such file or folder (ENOENT)');
  assert.equal(systemReason(errorOf('/nowhere/x'), 'no such folder'), 'no such folder (ENOENT)');
  assert.equal(systemReason(errorOf('/')), 'it is a folder (EISDIR)');
  assert.equal(
    systemReason(Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' })),
    'too many open files',
  );
  assert.equal(systemReason(new Error('why')), 'why');
  assert.equal(systemReason('text'), 'text');
});
