/** `#` inside a word: part of the word here and in YAML, the start of a comment in the original. */
import { FIELDS } from '../../../fields/table.js';
import type { RawScalar } from './document.js';
import type { SyntaxProblem, Token } from './lexer.js';

const JSON_NAMES: readonly string[] = FIELDS.filter(({ type }) => type === 'json').flatMap((field) => [
  field.name,
  ...field.aliases,
  ...field.misnomers,
]);

const HINT =
  "the original starts a comment here and drops the rest of the line: put a blank before '#', or quotes around the word";

/** The words of a condition in which the original would see a comment, each as a warning at its first `#`. */
export function findCommentsInWords(scalar: RawScalar, tokens: readonly Token[]): SyntaxProblem[] {
  // The original takes no condition in the quotes of YAML, so it sees no comment in one.
  if (scalar.offsets !== null || !scalar.text.includes('#')) return [];
  return tokens
    .filter((token) => token.kind === 'word' && token.text.includes('#') && !hasJsonPath(token))
    .map(({ text, source, start: from }) => {
      const start = from + text.indexOf('#');
      const message = `'#' is part of the word '${text}' and starts no comment`;
      return { message, source, range: { start, end: start + 1 }, hint: HINT };
    });
}

/** Whether a word is an attribute with a JSON path, in which `#` has a meaning; one with dots is an error of its own. */
function hasJsonPath({ name, argument }: Token): boolean {
  return JSON_NAMES.some((json) => (name === json && argument !== null) || name.startsWith(`${json}.`));
}
