/**
 * Converts a text to lower case, character by character. Unlike `toLowerCase` on the whole text, the result for a
 * letter does not depend on its neighbours (Greek final sigma), so a folded substring is always a substring of the
 * folded text.
 */
export function foldCase(text: string): string {
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text) folded += character.toLowerCase();
  return folded;
}
