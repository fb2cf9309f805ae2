import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IdTable } from '../../src/reader/id-table.js';
import { Random } from '../sysflow/support/random.js';

const VALUES = 3;
const MOST_WORDS = 5;
/** What an entry should have. */
interface Expected {
  readonly entry: { readonly name: string };
  readonly values: readonly number[];
}

/** A table with a map that says what should be in it. */
class CheckedTable {
  readonly table: IdTable<Expected['entry']>;
  readonly map = new Map<string, Expected>();
  /** An id somewhere within, as it stands in the rows of a batch. */
  readonly #ids = new Int32Array(1 + MOST_WORDS);

  constructor(words: number) {
    this.table = new IdTable(words, VALUES);
  }

  /** The place of an id, which is checked. */
  find(id: readonly number[]): number {
    this.#ids.set(id, 1);
    const { table } = this;
    const place = table.find(this.#ids, 1);
    const expected = this.map.get(id.join(' '));
    assert.equal(place !== -1, expected !== undefined);
    if (expected === undefined) return -1;
    assert.equal(table.at(place), expected.entry);
    assert.deepEqual(this.#values(place), expected.values);
    return place;
  }

  add(id: readonly number[]): void {
    const entry = { name: id.join(' ') };
    this.#ids.set(id, 1);
    this.table.add(this.#ids, 1, entry);
    this.map.set(entry.name, { entry, values: [0, 0, 0] });
  }

  set(id: readonly number[], values: readonly number[]): void {
    const place = this.find(id);
    values.forEach((value, i) => {
      this.table.words[this.table.value(place, i)] = value;
    });
    this.map.set(id.join(' '), { entry: this.table.at(place), values });
  }

  retain(names: ReadonlySet<string>): void {
    this.table.retain((place) => names.has(this.table.at(place).name));
    for (const name of this.map.keys()) if (!names.has(name)) this.map.delete(name);
  }

  /** Checks all that is in the table. */
  check(ids: readonly (readonly number[])[]): void {
    for (const id of ids) this.find(id);
    const { table, map } = this;
    assert.equal(table.size, map.size);
    assert.ok(table.size * 2 <= table.mask + 1, 'at most half full');
    const names = [...table.places()].map((place) => table.at(place).name);
    assert.deepEqual(names.sort(), [...map.keys()].sort());
  }

  #values(place: number): number[] {
    const { table } = this;
    return Array.from({ length: VALUES }, (_, i) => table.words[table.value(place, i)]!);
  }
}

/** Ids of some words; many are alike. */
function someIds(random: Random, words: number, count: number): number[][] {
  const ids = new Map<string, number[]>();
  for (let i = 0; i < count; i++) {
    const id = Array.from({ length: words }, () => (random.chance(0.7) ? random.below(3) - 1 : random.int()));
    ids.set(id.join(' '), id);
  }
  return [...ids.values()];
}

test('a table gives what a map gives', () => {
  let grown = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = new Random(seed);
      const words = 1 + random.below(MOST_WORDS);
      const ids = someIds(random, words, random.pick([5, 60, 3000]));
      const checked = new CheckedTable(words);
      for (let step = 0; step < 2 * ids.length; step++) {
        const id = random.pick(ids);
        if (checked.find(id) === -1) checked.add(id);
        if (random.chance(0.5)) checked.set(id, [random.int(), random.int(), random.int()]);
        grown = Math.max(grown, checked.table.mask);
        if (!random.chance(1.5 / ids.length)) continue;
        const kept = random.pick([0, 0.1, 0.9, 1]);
        checked.retain(new Set([...checked.map.keys()].filter(() => random.chance(kept))));
        checked.check(ids);
      }
      checked.check(ids);
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  assert.ok(grown >= 2047, `${grown}`);
});
test('an entry that is added has numbers of its own, all 0, where others were before', () => {
  const checked = new CheckedTable(1);
  const ids = Array.from({ length: 2000 }, (_, i) => [i]);
  for (let round = 0; round < 3; round++) {
    for (const id of ids) checked.add(id);
    checked.check(ids);
    for (const id of ids) checked.set(id, [-1, -1, -1]);
    checked.retain(new Set());
    checked.check(ids);
  }
});
