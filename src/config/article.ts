/** Puts the indefinite article before a name: `an exporter`. */
export function withArticle(name: string): string {
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
