import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearestName } from '../../src/diagnostics/nearest.js';

/** The distance as its definition says: insert, delete, replace, swap of neighbours. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i]![j] = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        rows[i]![j] = Math.min(rows[i]![j]!, rows[i - 2]![j - 2]! + 1);
    }
  }
  return rows[a.length]![b.length]!;
}

test('the nearest of some names, the first of equals, if it is near enough', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), maxLength: 12 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 8 }), (written, names) => {
      const most = Math.max(1, Math.floor(written.length / 3));
      const distances = names.map((name) => distance(written, name));
      const least = Math.min(...distances);
      const expected = least <= most ? names[distances.indexOf(least)] : undefined;
      assert.equal(nearestName(written, names), expected);
    }),
    { numRuns: 2000 },
  );
});

test('letters are compared whatever their case', () => {
  assert.equal(nearestName('sf.proc.Exe', ['sf.file.path', 'sf.proc.exe']), 'sf.proc.exe');
  assert.equal(nearestName('SF.PROC.EEX', ['sf.proc.exe']), 'sf.proc.exe');
  assert.equal(nearestName('sf.prog.args', ['sf.file.path', 'sf.proc.name', 'sf.proc.args']), 'sf.proc.args');
});
