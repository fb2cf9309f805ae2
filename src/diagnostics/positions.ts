import type { SourceRange } from './diagnostic.js';
import type { Position } from './format.js';

/** Finds lines and columns of many offsets of one text, in one pass over it. */
export class PositionFinder {
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1);
  }

  /** Line and column of an offset, counted from 1; columns count UTF-16 units. */
  at(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }

  /** Where a range starts and ends; the end is that of the last character and counts as outside. */
  range({ start, end }: SourceRange): { readonly start: Position; readonly end: Position } {
    return { start: this.at(start), end: this.at(Math.max(start, end)) };
  }
}
