/** A `#` inside a word is part of the word here and in YAML, but starts a comment in the original. */
import { FIELDS } from '../../../fields/table.js';
import type { RawScalar } from './document.js';
import type { SyntaxProblem, Token } from './lexer.js';

const JSON_NAMES: readonly string[] = FIELDS.filter(({ type }) => type === 'json').flatMap((field) => [
  field.name,
  ...field.aliases,
  ...field.misnomers,
]);

const HINT =
  "the original starts a comment here and drops the rest of the line: put a space before '#', or quotes around the word";

/** Returns a warning for each word of a condition that contains a comment for the original, at its first `#`. */
export function findCommentsInWords(scalar: RawScalar, tokens: readonly Token[]): SyntaxProblem[] {
  // The original does not support quoted YAML conditions, so it finds no comment in one.
  if (scalar.offsets !== null || !scalar.text.includes('#')) return [];
  return tokens
    .filter((token) => token.kind === 'word' && token.text.includes('#') && !hasJsonPath(token))
    .map(({ text, source, start: from }) => {
      const start = from + text.indexOf('#');
      const message = `'#' is part of the word '${text}' and does not start a comment`;
      return { message, source, range: { start, end: start + 1 }, hint: HINT };
    });
}

/**
 * Whether a word is an attribute with a JSON path, in which `#` has a meaning. A path after dots is reported
 * separately.
 */
function hasJsonPath({ name, argument }: Token): boolean {
  return JSON_NAMES.some((json) => (name === json && argument !== null) || name.startsWith(`${json}.`));
}
