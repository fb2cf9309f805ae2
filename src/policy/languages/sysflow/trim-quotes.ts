/**
 * Removes one quote of either kind from each end. The original does so once where a list is defined and once where it
 * is used, so that `'"(systemd)"'` means `(systemd)`.
 */
export function trimQuotes(text: string): string {
  const start = text.startsWith('"') || text.startsWith("'") ? 1 : 0;
  const end = text.length > start && (text.endsWith('"') || text.endsWith("'")) ? text.length - 1 : text.length;
  return text.slice(start, end);
}
