const DOUBLE = 34;
const SINGLE = 39;

/**
 * Removes one leading and one trailing quote. They are removed independently of each other and need not be the same
 * character.
 */
export function trimQuotes(text: string): string {
  let end = text.length;
  if (end === 0) return text;
  const start = isQuote(text.charCodeAt(0)) ? 1 : 0;
  if (end > start && isQuote(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/**
 * The elements of a multi-valued attribute as rules see them. The list counts as one text whose surrounding quotes are
 * removed, so only the first element loses a leading quote and only the last element a trailing one. An empty list
 * counts as one empty text.
 */
export function trimListQuotes(list: readonly string[]): readonly string[] {
  const last = list.length - 1;
  if (last < 0) return EMPTY_TEXT;
  if (last === 0) {
    const only = trimQuotes(list[0]!);
    return only === list[0] ? list : [only];
  }
  const leading = isQuote(list[0]!.charCodeAt(0));
  const trailing = isQuote(list[last]!.charCodeAt(list[last]!.length - 1));
  if (!leading && !trailing) return list;
  const trimmed = list.slice();
  if (leading) trimmed[0] = trimmed[0]!.slice(1);
  if (trailing) trimmed[last] = trimmed[last]!.slice(0, -1);
  return trimmed;
}

const EMPTY_TEXT: readonly string[] = [''];

/** Outside the text `charCodeAt` returns NaN, which is not a quote. */
function isQuote(code: number): boolean {
  return code === DOUBLE || code === SINGLE;
}
