/**
 * Returns the most similar name, for "did you mean": the one with the smallest edit distance (insert, delete, replace,
 * transpose), at most a third of the length, ignoring case. A word can also be an abbreviation of a name, part by part
 * (`pkg_list` for `package_list`); such a name is preferred over all but those at distance 1.
 *
 * @returns undefined if no name is similar
 */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  const word = written.toLowerCase();
  const letters = lettersOf(word);
  let bound = Math.max(1, Math.floor(word.length / 3)) + 1;
  const candidates: Candidate[] = [];
  let unabridged: string | undefined;
  for (const name of names) {
    const other = name.toLowerCase();
    if (unabridged === undefined && isShortFor(word, other)) unabridged = name;
    const longer = Math.abs(word.length - other.length);
    const least = longer >= bound ? longer : Math.max(longer, lettersApart(letters, lettersOf(other)));
    if (least < bound) candidates.push({ name, other, least });
  }
  // The most promising candidate first, so that candidates that cannot be better are skipped.
  const likeliest = candidates.reduce<Candidate | null>((a, b) => (a !== null && a.least <= b.least ? a : b), null);
  if (likeliest !== null) bound = Math.min(bound, editDistance(word, likeliest.other, bound) + 1);
  let best: string | undefined;
  for (const { name, other, least } of candidates) {
    if (least >= bound) continue;
    const distance = editDistance(word, other, bound);
    if (distance < bound) {
      bound = distance;
      best = name;
    }
  }
  return best === undefined || bound > 1 ? (unabridged ?? best) : best;
}

/**
 * Whether each part of a word abbreviates a part of a name: it starts with the same letter and its letters occur in the
 * same order.
 */
function isShortFor(word: string, name: string): boolean {
  if (word.length < SHORTEST || word.length >= name.length || word[0] !== name[0]) return false;
  const parts = word.split(PART_ENDS);
  const nameParts = name.split(PART_ENDS);
  return parts.length === nameParts.length && parts.every((part, i) => startsAndOccurs(part, nameParts[i]!));
}

function startsAndOccurs(part: string, name: string): boolean {
  if (part[0] !== name[0]) return false;
  let at = 0;
  for (const letter of part) {
    at = name.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Shorter words would abbreviate too many names. */
const SHORTEST = 3;
const PART_ENDS = /[._-]/;

interface Candidate {
  readonly name: string;
  /** In lower case. */
  readonly other: string;
  /** Lower bound of the edit distance. */
  readonly least: number;
}

/** Returns the set of letters that occur, as bits. Different letters can share a bit, which only hides a difference. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let i = 0; i < word.length; i++) letters |= 1 << word.charCodeAt(i);
  return letters;
}

/** Returns a lower bound of the edit distance: each edit adds at most one letter and removes at most one. */
function lettersApart(a: number, b: number): number {
  return Math.max(countBits(a & ~b), countBits(b & ~a));
}

function countBits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Returns the Damerau–Levenshtein distance (optimal string alignment), or `bound` if it is at least that. */
function editDistance(a: string, b: string, bound: number): number {
  // Skip the common prefix and suffix; names of attributes share much.
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  const [height, width] = [aEnd - start, bEnd - start];
  let beforeLast: number[] = [];
  let last = Array.from({ length: width + 1 }, (_, j) => j);
  for (let i = 1; i <= height; i++) {
    // Cells farther from the diagonal have at least the distance `bound`.
    const first = Math.max(1, i - bound + 1);
    const end = Math.min(width, i + bound - 1);
    const row = new Array<number>(width + 1).fill(bound);
    if (i < bound) row[0] = i;
    let least = row[0]!;
    const letter = a[start + i - 1];
    for (let j = first; j <= end; j++) {
      const other = b[start + j - 1];
      let cost = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (letter === other ? 0 : 1));
      if (i > 1 && j > 1 && letter === b[start + j - 2] && a[start + i - 2] === other) {
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      }
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least >= bound) return bound;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[width]!, bound);
}
