import type { FlatRecord } from '../../../records/flat-record.js';
import { highHalf, lowHalf } from '../../../sysflow/int64.js';
import { ascending, type ClassTable, type Column } from './column.js';
import type { RangeTest } from './text-tests.js';

/**
 * A column of a 64-bit integer that is only tested against ranges. The range limits divide the integers into intervals
 * of one class each; a binary search finds the interval of a value.
 */
export class IntegerColumn implements Column {
  readonly slot: number | null;
  readonly #low: (record: FlatRecord) => number;
  readonly #high: (record: FlatRecord) => number;
  readonly #classes: ClassTable;
  /** First integer of each interval, ascending, as two halves. Low halves are unsigned. */
  readonly #lows: number[] = [];
  readonly #highs: number[] = [];
  /** Class of each interval. Has one more entry than `#lows`, since the first interval has no lower limit. */
  readonly #intervals: number[] = [];

  constructor(
    low: (record: FlatRecord) => number,
    high: (record: FlatRecord) => number,
    ranges: readonly RangeTest[],
    classes: ClassTable,
    slot: number | null = null,
  ) {
    this.slot = slot;
    this.#low = low;
    this.#high = high;
    this.#classes = classes;
    this.#intervals.push(0);
    const active = new Map<number, number>();
    for (const { start, changes } of boundaries(ranges)) {
      for (const [predicate, change] of changes) {
        const count = (active.get(predicate) ?? 0) + change;
        if (count === 0) active.delete(predicate);
        else active.set(predicate, count);
      }
      this.#lows.push(lowHalf(start) >>> 0);
      this.#highs.push(highHalf(start));
      this.#intervals.push(classes.of(ascending([...active.keys()])));
    }
  }

  classOf(record: FlatRecord): number {
    const low = this.#low(record) >>> 0;
    const high = this.#high(record);
    let from = 0;
    let to = this.#lows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const starts = this.#highs[middle]!;
      if (starts < high || (starts === high && this.#lows[middle]! <= low)) from = middle + 1;
      else to = middle;
    }
    return this.#intervals[from]!;
  }

  predicatesOf(valueClass: number): readonly number[] {
    return this.#classes.predicatesOf(valueClass);
  }
}

const GREATEST = (1n << 63n) - 1n;

/** Returns where each range starts (+1) and where it has ended (-1), in ascending order. */
function boundaries(ranges: readonly RangeTest[]): { start: bigint; changes: [predicate: number, change: number][] }[] {
  const byStart = new Map<bigint, [number, number][]>();
  const note = (start: bigint, predicate: number, change: number): void => {
    const changes = byStart.get(start);
    if (changes === undefined) byStart.set(start, [[predicate, change]]);
    else changes.push([predicate, change]);
  };
  for (const { first, last, predicate } of ranges) {
    if (first > last) continue;
    note(first, predicate, 1);
    if (last < GREATEST) note(last + 1n, predicate, -1);
  }
  return [...byStart].map(([start, changes]) => ({ start, changes })).sort((a, b) => (a.start < b.start ? -1 : 1));
}
