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

/** The same as a pattern: each part's letters in their order, the first at the start. */
function isShortFor(word: string, name: string): boolean {
  const letters = [...word].map((letter, i) => {
    if (letter === '.') return '\\.';
    return i === 0 || word[i - 1] === '.' ? letter : `[^.]*?${letter}`;
  });
  const pattern = letters.join('').replaceAll('\\.', '[^.]*\\.');
  const emptyPart = /^\.|\.\.|\.$/;
  const sameEmptyParts = word.split('.').every((part, i) => part !== '' || name.split('.')[i] === '');
  const matches = new RegExp(`^${pattern}[^.]*$`).test(name) && (!emptyPart.test(word) || sameEmptyParts);
  return word.length >= 3 && word.length < name.length && matches;
}

test('the nearest of some names, the first of equals, if it is near enough', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), maxLength: 12 });
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 8 }), (written, names) => {
      const most = Math.max(1, Math.floor(written.length / 3));
      const distances = names.map((name) => distance(written, name));
      const least = Math.min(...distances);
      const near = least <= most ? names[distances.indexOf(least)] : undefined;
      const expected = least <= 1 ? near : (names.find((name) => isShortFor(written, name)) ?? near);
      assert.equal(nearestName(written, names), expected);
    }),
    { numRuns: 2000 },
  );
});

test('a name that is written in full what was abbreviated comes before one that differs more than once', () => {
  const names = ['db_mgmt_binaries', 'package_mgmt_binaries', 'pkg_mgmt_binary'];
  assert.equal(nearestName('pkg_mgmt_binaries', names.slice(0, 2)), 'package_mgmt_binaries');
  assert.equal(nearestName('pkg_mgmt_binarys', names), 'pkg_mgmt_binary');
  assert.equal(nearestName('kg_mgmt_binaries', names), 'db_mgmt_binaries');
});

test('letters are compared whatever their case', () => {
  assert.equal(nearestName('sf.proc.Exe', ['sf.file.path', 'sf.proc.exe']), 'sf.proc.exe');
  assert.equal(nearestName('SF.PROC.EEX', ['sf.proc.exe']), 'sf.proc.exe');
  assert.equal(nearestName('sf.prog.args', ['sf.file.path', 'sf.proc.name', 'sf.proc.args']), 'sf.proc.args');
});
