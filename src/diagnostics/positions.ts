import type { SourceRange } from './diagnostic.js';
import type { Position } from './format.js';

/** Converts many offsets of one text to lines and columns, after a single pass over the text. */
export class PositionFinder {
  readonly #lineStarts: number[] = [0];

  constructor(text: string) {
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1);
  }

  /** Returns the line and column of an offset, counted from 1. Columns count UTF-16 units. */
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

  /** Returns the start and the exclusive end of a range. The end is on the line of the last character. */
  range({ start, end }: SourceRange): { readonly start: Position; readonly end: Position } {
    return { start: this.at(start), end: this.at(Math.max(start, end)) };
  }
}
