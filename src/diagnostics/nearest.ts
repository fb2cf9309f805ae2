/**
 * The name nearest to what was written, for "did you mean": the smallest edit distance (insert, delete, replace, swap
 * of neighbours), at most a third of the length, ignoring case.
 *
 * @returns undefined where none is close
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const word = written.toLowerCase();
  let best: string | undefined;
  let bound = Math.max(1, Math.floor(word.length / 3)) + 1;
  const letters = lettersOf(word);
  for (const name of names) {
    const other = name.toLowerCase();
    if (Math.abs(word.length - other.length) >= bound || lettersApart(letters, lettersOf(other)) >= bound) continue;
    const distance = editDistance(word, other, bound);
    if (distance < bound) {
      bound = distance;
      best = name;
    }
  }
  return best;
}

/** The letters that occur, a bit for each; letters that share a bit only hide a difference. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let i = 0; i < word.length; i++) letters |= 1 << word.charCodeAt(i);
  return letters;
}

/** So many edits are needed at least: each brings in one letter at most, and takes out one. */
function lettersApart(a: number, b: number): number {
  return Math.max(countBits(a & ~b), countBits(b & ~a));
}

function countBits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Damerau–Levenshtein distance (optimal string alignment), or `bound` where it is at least that. */
function editDistance(a: string, b: string, bound: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least >= bound) return bound;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length]!, bound);
}
