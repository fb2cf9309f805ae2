/**
 * The text in lower case, character by character: unlike `toLowerCase` on the whole text, a letter becomes the same
 * whatever stands beside it (the Greek final sigma), so that a part of a text folds to a part of the folded text.
 */
export function foldCase(text: string): string {
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text) folded += character.toLowerCase();
  return folded;
}
