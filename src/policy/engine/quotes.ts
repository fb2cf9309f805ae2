const DOUBLE = 34;
const SINGLE = 39;

/** The text without one leading and one trailing quote; each may be of either kind, and each is taken on its own. */
export function trimQuotes(text: string): string {
  let end = text.length;
  if (end === 0) return text;
  const start = isQuote(text.charCodeAt(0)) ? 1 : 0;
  if (end > start && isQuote(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/**
 * The elements of a multi-valued attribute as rules see them: the list reads as one text whose bounding quotes go, so
 * only the first element loses a leading quote and only the last a trailing one. An empty list reads as one empty text.
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

/** NaN, which `charCodeAt` gives outside the text, is none. */
function isQuote(code: number): boolean {
  return code === DOUBLE || code === SINGLE;
}
